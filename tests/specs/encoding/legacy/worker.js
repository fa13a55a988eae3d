import { checks, equal } from "../../check.js";

const decode = (label, ...bytes) => new TextDecoder(label).decode(new Uint8Array(bytes));

export default checks({
  "windows-1252 has its own signs at 0x80 to 0x9f": () => {
    equal(decode("windows-1252", 0x80, 0x8a, 0x93, 0x9f, 0xe9), "\u20ac\u0160\u201c\u0178\u00e9");
    equal(decode("windows-1252", 0x81, 0x8d), "\u0081\u008d");
  },
  "latin1 is windows-1252": () => {
    equal(decode("latin1", 0x80), "\u20ac");
  },
  "Cyrillic": () => {
    equal(decode("windows-1251", 0xcc, 0xe8, 0xf0), "\u041c\u0438\u0440");
    equal(decode("koi8-r", 0xed, 0xc9, 0xd2), "\u041c\u0438\u0440");
  },
  "of two bytes": () => {
    equal(decode("shift_jis", 0x93, 0xfa, 0x96, 0x7b), "\u65e5\u672c");
    equal(decode("euc-jp", 0xc6, 0xfc, 0xcb, 0xdc), "\u65e5\u672c");
    equal(decode("euc-kr", 0xc7, 0xd1), "\ud55c");
    equal(decode("big5", 0xa4, 0xa4), "\u4e2d");
    equal(decode("gb18030", 0xd6, 0xd0), "\u4e2d");
  },
  "x-user-defined": () => {
    equal(decode("x-user-defined", 0x41, 0x80, 0xff), "A\uf780\uf7ff");
  },
});
