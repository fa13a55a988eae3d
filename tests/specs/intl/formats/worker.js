import { checks, equal } from "../../check.js";

const plain = (text) => text.replaceAll(/[\u00a0\u202f]/g, " ");

export default checks({
  "numbers": () => {
    equal(plain(new Intl.NumberFormat("de-DE", { style: "currency", currency: "EUR" }).format(1234567.891)), "1.234.567,89 \u20ac");
    equal(new Intl.NumberFormat("en-IN").format(1234567), "12,34,567");
    equal(new Intl.NumberFormat("ar-EG").format(123), "\u0661\u0662\u0663");
  },
  "dates, in any time zone": () => {
    const date = new Date(Date.UTC(2026, 0, 31, 23, 30));
    equal(new Intl.DateTimeFormat("fr-FR", { dateStyle: "long", timeZone: "UTC" }).format(date), "31 janvier 2026");
    equal(new Intl.DateTimeFormat("en-GB", { dateStyle: "short", timeZone: "Asia/Tokyo" }).format(date), "01/02/2026");
    equal(date.toLocaleDateString("de-DE", { weekday: "long", timeZone: "UTC" }), "Samstag");
  },
  "plurals, sorting and words": () => {
    equal([1, 2, 5].map((n) => new Intl.PluralRules("pl").select(n)), ["one", "few", "many"]);
    equal(["z", "\u00e4", "a"].sort(new Intl.Collator("sv").compare), ["a", "z", "\u00e4"]);
    equal([...new Intl.Segmenter("ja", { granularity: "word" }).segment("\u6771\u4eac\u90fd\u306b")].length > 1, true);
    equal(new Intl.ListFormat("es", { type: "conjunction" }).format(["uno", "dos"]), "uno y dos");
    equal(new Intl.DisplayNames("it", { type: "region" }).of("DE"), "Germania");
    equal(new Intl.RelativeTimeFormat("nl", { numeric: "auto" }).format(-1, "day"), "gisteren");
  },
});
