# Writes OUTPUT, a .cc that holds every templates/*.mustache under its file name.
# cmake -DDIRECTORY=… -DOUTPUT=… -P EmbedTemplates.cmake
file(GLOB templates ${DIRECTORY}/*.mustache)
set(source "#include \"services/notification/renderer.h\"\n\nnamespace arasta::notification {\n
const std::map<std::string, std::string>& EmbeddedTemplates() {
  static const auto& files = *new std::map<std::string, std::string>{\n")
foreach(path ${templates})
  get_filename_component(name ${path} NAME)
  file(READ ${path} content)
  string(APPEND source "      {\"${name}\", R\"mustache(${content})mustache\"},\n")
endforeach()
string(APPEND source "  };\n  return files;\n}\n\n}  // namespace arasta::notification\n")
file(WRITE ${OUTPUT} "${source}")
