const { depth } = require("./depth.cjs");

exports.knots = 12;
exports.fathoms = depth;
