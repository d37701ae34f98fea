// Every scenario there is.
import { processes } from './processes.mjs';

export const scenarios = [...processes];
