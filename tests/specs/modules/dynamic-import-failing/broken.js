throw new RangeError("run aground");
