// Every goal of the performance specification: what times it, or why nothing does yet.
import * as serverStack from './g01_server_stack.mjs';
import * as gateway from './g04_gateway.mjs';

export const GOALS = [
  { names: ['G1', 'G2'], module: serverStack },
  { names: ['G4'], module: gateway },
];

export const OPEN = {
  G5: 'the gateway has no rate limit yet, which belongs to the figure',
  G7: 'the gateway does not serve REST yet',
  G8: 'catalog has no product cache yet',
  G10: 'no catalogue of 60,000 and 1,000,000 products is generated yet',
  G14: 'no scenario of 20,000 buyers yet',
  G17: 'no login storm yet',
  G20: 'no scenario of 5,000 watches yet',
  G21: 'no database of 10,000,000 orders is generated yet',
  G22: 'no mix of journeys yet',
};
