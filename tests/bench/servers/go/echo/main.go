// The echo of bench_bare_echo by Go's gRPC. Prints {"port":…}.
package main

import (
	"context"
	"fmt"
	"log"
	"net"

	echo "arasta/testing/v1"
	"google.golang.org/grpc"
)

type server struct {
	echo.UnimplementedEchoServiceServer
}

func (server) EchoAsUser(_ context.Context, request *echo.EchoRequest) (*echo.EchoResponse, error) {
	return &echo.EchoResponse{Text: request.Text}, nil
}

func main() {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		log.Fatal(err)
	}
	fmt.Printf("{\"port\":%d}\n", listener.Addr().(*net.TCPAddr).Port)
	grpcServer := grpc.NewServer()
	echo.RegisterEchoServiceServer(grpcServer, server{})
	log.Fatal(grpcServer.Serve(listener))
}
