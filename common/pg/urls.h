// Where a service finds its database, as its environment says: libpq's conninfo, for each of its two roles.
#pragma once

#include <string>

#include "common/config/config.h"

namespace arasta::pg {

// ARASTA_DATABASE_URL: of the role that serves.
std::string ReadServingUrl(config::Config& config);

// ARASTA_MIGRATION_DATABASE_URL: of the role that migrates; needed for the command `migrate` alone.
std::string ReadMigratingUrl(config::Config& config);

}  // namespace arasta::pg
