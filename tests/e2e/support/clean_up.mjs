// After the last story: ends the shops of stories that were killed.
import { demolishLeftovers } from './shop.mjs';

await demolishLeftovers();
