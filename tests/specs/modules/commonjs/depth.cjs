module.exports = { depth: 7 };
