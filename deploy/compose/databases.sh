#!/bin/bash
# Run once by the image of PostgreSQL, on an empty volume.
psql -X -q -v ON_ERROR_STOP=1 -U postgres -d postgres -f /run/secrets/databases
