// The trip over gRPC-Web as browsers speak it, binary.
import { tellTheTrip } from './support/trip.mjs';
import { WebClient } from './support/web_client.mjs';

tellTheTrip('grpc-web', (address) => new WebClient(address, 'binary'));
