// The files that are taken, by their names in the crate. Not here is what reaches the machine (files, sockets, processes): ../own has what
// a worker has instead.

const paths = (folder, names) => names.split(" ").map((name) => `${folder}${name}`);

export const FILES = [
  ...paths("", "_events.mjs _utils.ts assert.ts diagnostics_channel.js punycode.ts querystring.js stream.ts string_decoder.ts url.ts util.ts"),
  ...paths("_util/", "_util_callbackify.js"),
  ...paths(
    "internal/",
    "assert.mjs buffer.mjs cli_table.ts constants.ts error_codes.ts errors.ts event_target.mjs hide_stack_frames.ts idna.ts mime.ts " +
      "normalize_encoding.ts primordials.mjs querystring.ts url.ts util.mjs validators.mjs",
  ),
  ...paths("internal/assert/", "assertion_error.js calltracker.js myers_diff.js utils.ts"),
  ...paths("internal/console/", "constructor.mjs"),
  ...paths("internal/crypto/", "_keys.ts constants.ts"),
  ...paths("internal/events/", "abort_listener.mjs"),
  ...paths("internal/readline/", "callbacks.mjs utils.mjs"),
  ...paths(
    "internal/streams/",
    "add-abort-signal.js compose.js destroy.js duplex.js duplexify.js duplexpair.js end-of-stream.js from.js lazy_transform.js legacy.js " +
      "operators.js passthrough.js pipeline.js readable.js state.js transform.js utils.js writable.js",
  ),
  ...paths("internal/util/", "colorize.mjs colors.ts comparisons.ts debuglog.ts inspect.mjs types.ts"),
  ...paths("internal/util/parse_args/", "parse_args.js utils.js"),
  ...paths("internal/webstreams/", "adapters.js"),
  ...paths("internal_binding/", "_node.ts _utils.ts buffer.ts constants.ts string_decoder.ts symbols.ts types.ts util.ts uv.ts"),
  ...paths("path/", "_constants.ts _posix.ts _util.ts _win32.ts common.ts mod.ts separator.ts"),
  ...paths("stream/", "consumers.js promises.js"),
];
