// The trip over native gRPC, by @grpc/grpc-js.
import { NativeClient } from './support/native_client.mjs';
import { tellTheTrip } from './support/trip.mjs';

tellTheTrip('grpc-js', (address) => new NativeClient(address));
