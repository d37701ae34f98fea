// Every scenario there is, by the rows of specs/reliability.md.
import { clocks } from './clocks.mjs';
import { everything } from './everything.mjs';
import { gateways } from './gateways.mjs';
import { limits } from './limits.mjs';
import { load } from './load.mjs';
import { network } from './network.mjs';
import { processes } from './processes.mjs';
import { postgres, redis } from './stores.mjs';

export const scenarios = [...processes, ...postgres, ...redis, ...limits, ...network, ...gateways, ...clocks, ...load, ...everything];
