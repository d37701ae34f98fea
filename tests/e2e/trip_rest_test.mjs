// The trip over REST, by what /openapi.json says.
import { RestClient } from './support/rest_client.mjs';
import { tellTheTrip } from './support/trip.mjs';

tellTheTrip('rest', (address) => new RestClient(address));
