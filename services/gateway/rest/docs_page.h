// web/docs.html with its style and scripts, which the build puts into the program.
#pragma once

#include <string>

namespace arasta::gateway {

const std::string& DocsPage();

}  // namespace arasta::gateway
