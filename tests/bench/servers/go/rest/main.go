// GetProduct as REST by grpc-gateway, over HTTP/1.1 and HTTP/2 in cleartext. Its argument is the backend's
// host:port. Prints {"port":…}.
package main

import (
	"context"
	"fmt"
	"log"
	"net"
	"net/http"
	"os"

	catalog "arasta/catalog/v1"
	"github.com/grpc-ecosystem/grpc-gateway/runtime"
	"golang.org/x/net/http2"
	"golang.org/x/net/http2/h2c"
	"google.golang.org/grpc"
)

func main() {
	// The names of protobuf's JSON mapping, as ours writes them.
	mux := runtime.NewServeMux(runtime.WithMarshalerOption(runtime.MIMEWildcard, &runtime.JSONPb{OrigName: false}))
	err := catalog.RegisterCatalogServiceHandlerFromEndpoint(context.Background(), mux, os.Args[1],
		[]grpc.DialOption{grpc.WithInsecure()})
	if err != nil {
		log.Fatal(err)
	}
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		log.Fatal(err)
	}
	fmt.Printf("{\"port\":%d}\n", listener.Addr().(*net.TCPAddr).Port)
	log.Fatal(http.Serve(listener, h2c.NewHandler(mux, &http2.Server{MaxConcurrentStreams: 1024})))
}
