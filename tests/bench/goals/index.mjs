// Every goal of the performance specification: what times it, or why nothing does yet.
import * as serverStack from './g01_server_stack.mjs';
import * as loneRequest from './g03_lone_request.mjs';
import * as gateway from './g04_gateway.mjs';
import * as gatewayWeb from './g05_gateway_web.mjs';
import * as addedLatency from './g06_added_latency.mjs';
import * as rest from './g07_rest.mjs';
import * as getProduct from './g09_get_product.mjs';
import * as search from './g10_search.mjs';
import * as placeOrder from './g11_place_order.mjs';
import * as hotSku from './g13_hot_sku.mjs';
import * as flashSale from './g14_flash_sale.mjs';
import * as relay from './g15_relay.mjs';
import * as eventLatency from './g16_event_latency.mjs';
import * as loginStorm from './g17_login_storm.mjs';
import * as overload from './g18_overload.mjs';
import * as idle from './g19_idle.mjs';
import * as idleStreams from './g20_idle_streams.mjs';
import * as deepLists from './g21_deep_lists.mjs';
import * as journeys from './g22_journeys.mjs';

export const GOALS = [
  { names: ['G1', 'G2'], module: serverStack },
  { names: ['G3'], module: loneRequest },
  { names: ['G4'], module: gateway },
  { names: ['G5'], module: gatewayWeb },
  { names: ['G6'], module: addedLatency },
  { names: ['G7'], module: rest },
  { names: ['G9'], module: getProduct },
  { names: ['G10'], module: search },
  { names: ['G13'], module: hotSku },
  { names: ['G14'], module: flashSale },
  { names: ['G15'], module: relay },
  { names: ['G16'], module: eventLatency },
  { names: ['G17'], module: loginStorm },
  { names: ['G18'], module: overload },
  { names: ['G19'], module: idle },
  { names: ['G20'], module: idleStreams },
  { names: ['G21'], module: deepLists },
  { names: ['G22'], module: journeys },
  // Last, as it ends notification.
  { names: ['G11', 'G12'], module: placeOrder },
];

export const OPEN = {
  Envoy: 'G4, G5 and G7 name it too, but neither Debian nor npm has it',
  G8: 'catalog has no product cache yet',
};
