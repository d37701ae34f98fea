// The trip over gRPC-Web as browsers speak it where they want to read a stream: base64 text.
import { tellTheTrip } from './support/trip.mjs';
import { WebClient } from './support/web_client.mjs';

tellTheTrip('grpc-web-text', (address) => new WebClient(address, 'text'));
