// Workers have no command line.
return { getExecArgvOptionValue: () => undefined, getOptionValue: () => undefined };
