return { uvTranslateSysError: () => "UNKNOWN" };
