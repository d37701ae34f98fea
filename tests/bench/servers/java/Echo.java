import arasta.testing.v1.EchoRequest;
import arasta.testing.v1.EchoResponse;
import arasta.testing.v1.EchoServiceGrpc;
import io.grpc.Server;
import io.grpc.netty.NettyServerBuilder;
import io.grpc.stub.StreamObserver;
import java.net.InetSocketAddress;

/** The echo of bench_bare_echo by Java's gRPC, which answers on Netty's own threads. Prints {"port":…}. */
public final class Echo extends EchoServiceGrpc.EchoServiceImplBase {
  @Override
  public void echoAsUser(EchoRequest request, StreamObserver<EchoResponse> answer) {
    answer.onNext(EchoResponse.newBuilder().setText(request.getText()).build());
    answer.onCompleted();
  }

  public static void main(String[] arguments) throws Exception {
    Server server = NettyServerBuilder.forAddress(new InetSocketAddress("127.0.0.1", 0))
        .directExecutor().addService(new Echo()).build().start();
    System.out.println("{\"port\":" + server.getPort() + "}");
    server.awaitTermination();
  }
}
