import { checks, equal, throws } from "../../check.js";

export default checks({
  "names are found without regard to case and spaces": () => {
    const names = {
      "UTF8": "utf-8",
      " utf-8\n": "utf-8",
      "latin1": "windows-1252",
      "ascii": "windows-1252",
      "iso-8859-1": "windows-1252",
      "cp1251": "windows-1251",
      "sjis": "shift_jis",
      "gb2312": "gbk",
      "big5-hkscs": "big5",
      "ks_c_5601-1987": "euc-kr",
      "koi8": "koi8-r",
    };
    for (const [label, encoding] of Object.entries(names)) equal(new TextDecoder(label).encoding, encoding, label);
  },
  "unknown ones are a RangeError": async () => {
    for (const label of ["utf-9", "utf\u00a08", "", "replacement", "iso-2022-kr"]) {
      await throws(() => new TextDecoder(label), "RangeError");
    }
  },
});
