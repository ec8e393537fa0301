// Options of a .proto file that was read at run time. Internal to the schema compiler.
#ifndef QUARTERMASTER_VALIDATION_KNOWN_OPTIONS_H_
#define QUARTERMASTER_VALIDATION_KNOWN_OPTIONS_H_

namespace quartermaster {

// Options of a file that was read at run time may hold its extensions as unknown fields; writing and reading them again
// with this program's generated types makes them known.
template <typename Options>
Options KnownOptions(const Options& options) {
  Options known;
  known.ParseFromString(options.SerializeAsString());
  return known;
}

}  // namespace quartermaster

#endif  // QUARTERMASTER_VALIDATION_KNOWN_OPTIONS_H_
