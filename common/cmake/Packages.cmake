# What Debian 12 provides. A room links only what it may know, so each library stays behind one room.
find_package(PkgConfig REQUIRED)
find_package(Threads REQUIRED)
find_package(Protobuf REQUIRED)  # module mode: Debian ships no config package
find_package(absl CONFIG REQUIRED)
find_package(gRPC CONFIG REQUIRED)
find_package(OpenSSL REQUIRED)
find_package(CURL REQUIRED)
find_package(ZLIB REQUIRED)
find_package(GTest CONFIG REQUIRED)
find_package(spdlog CONFIG REQUIRED)
find_package(prometheus-cpp CONFIG REQUIRED)
find_package(mimalloc CONFIG REQUIRED)
find_package(ICU REQUIRED COMPONENTS i18n uc)
pkg_check_modules(PQ REQUIRED IMPORTED_TARGET libpq)
pkg_check_modules(PQXX REQUIRED IMPORTED_TARGET libpqxx)
pkg_check_modules(HIREDIS REQUIRED IMPORTED_TARGET hiredis)
pkg_check_modules(NGHTTP2 REQUIRED IMPORTED_TARGET libnghttp2)
pkg_check_modules(SODIUM REQUIRED IMPORTED_TARGET libsodium)
pkg_check_modules(HTTPLIB REQUIRED IMPORTED_TARGET cpp-httplib)

find_program(ARASTA_PROTOC protoc REQUIRED)
find_program(ARASTA_GRPC_PLUGIN grpc_cpp_plugin REQUIRED)
# google/api and google/rpc; grpc/health, grpc/testing and grpc/reflection.
find_path(ARASTA_GOOGLEAPIS google/rpc/error_details.proto REQUIRED
  PATHS /usr/share/gocode/src/github.com/gogo/googleapis NO_DEFAULT_PATH)
find_path(ARASTA_GRPC_PROTO grpc/health/v1/health.proto REQUIRED PATHS /usr/share/grpc-proto NO_DEFAULT_PATH)
