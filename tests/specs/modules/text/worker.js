import calm from "./sea.txt";
import page from "./page.html";
import query from "./query.sql";
import rough from "./north/sea.txt";

export default { fetch: () => new Response([calm, page, query, rough, typeof calm].join("|")) };
