//! How far a change is: on which of the edges it is served.

use std::time::{Duration, Instant};

use serde_json::{Value, json};

use super::api::{Api, segment};
use super::failure::Failure;
use super::out::Out;

/// An edge that was not heard of for longer is not waited for: they speak every 5 s.
const HEARD_SECONDS_MAX: u64 = 15;
const PATIENCE: Duration = Duration::from_secs(10);
const PAUSE: Duration = Duration::from_millis(50);
/// Between lines that say how far it is.
const TOLD_EVERY: Duration = Duration::from_secs(1);

/// Edges that follow, and what they serve.
struct Edges {
    live: usize,
    missing: Vec<String>,
    /// Those that should follow and are not heard.
    silent: usize,
}

impl Edges {
    /// `is_early`: the control plane had just started, and those that followed it are on their way back.
    fn of(page: &Value, revision: u64, is_early: bool) -> Self {
        let mut edges = Self { live: 0, missing: Vec::new(), silent: 0 };
        for edge in page["edges"].as_array().into_iter().flatten().filter(|edge| edge["is_revoked"] != true) {
            let is_heard = edge["heard_seconds_ago"].as_u64().map_or(is_early, |seconds| seconds <= HEARD_SECONDS_MAX);
            match edge["revision"].as_u64() {
                _ if !is_heard => edges.silent += 1,
                Some(applied) if applied >= revision && edge["is_waiting"] != true => edges.live += 1,
                _ => edges.missing.push(edge["name"].as_str().unwrap_or_default().to_owned()),
            }
        }
        edges
    }

    fn is_early(page: &Value) -> bool {
        page["up_seconds"].as_u64().is_some_and(|seconds| seconds <= HEARD_SECONDS_MAX)
    }

    fn count(&self) -> usize {
        self.live + self.missing.len()
    }
}

/// Waits until what was changed is served everywhere, and says so. Gives the change with how far it came, as `live`.
pub async fn followed(api: &Api, name: &str, mut change: Value, began: Instant, out: &Out) -> Value {
    if let Some(revision) = change["revision"].as_u64()
        && let Some(live) = wait(api, name, revision, began, out).await
    {
        change["live"] = live;
    }
    change
}

/// None if it cannot be told. It is done in any case: what is missing here is a warning.
pub async fn wait(api: &Api, name: &str, revision: u64, began: Instant, out: &Out) -> Option<Value> {
    let path = format!("/edges?worker={}", segment(name));
    let asked = Instant::now();
    let (mut told, mut is_early) = (asked, None);
    let edges = loop {
        let late = |_| Err(Failure::failed(format!("{} does not answer", api.base)));
        let edges = match tokio::time::timeout(PATIENCE, api.get(&path)).await.unwrap_or_else(late) {
            // Nobody drops out of the count while it is waited for.
            Ok(page) => Edges::of(&page, revision, *is_early.get_or_insert_with(|| Edges::is_early(&page))),
            Err(failure) => {
                out.warn(&format!("it is done, and on how many edges it is live cannot be told: {}", failure.message));
                return None;
            }
        };
        let is_over = edges.missing.is_empty() && (edges.live > 0 || edges.silent == 0);
        if is_over || asked.elapsed() > PATIENCE {
            break edges;
        }
        if told.elapsed() >= TOLD_EVERY {
            told = Instant::now();
            out.say(&format!("{name} is live on {} of {} edges so far", edges.live, edges.count()));
        }
        tokio::time::sleep(PAUSE).await;
    };
    let (live, of) = (edges.live, edges.count());
    let ms = u64::try_from(began.elapsed().as_millis()).unwrap_or(u64::MAX);
    let mut shown = json!({ "edges": live, "of": of, "ms": ms });
    if of == 0 {
        out.warn("no edge is heard of, so it is served nowhere: `skerry edges list` shows them, `skerry edges invite NAME` lets one in");
    } else if edges.missing.is_empty() {
        out.say(&format!("{name} is live on {live}/{of} edges in {ms} ms"));
    } else {
        let missing = edges.missing.join(", ");
        out.say(&format!("{name} is live on {live}/{of} edges after {ms} ms"));
        out.warn(&format!(
            "not yet live on {missing}: they serve what was before until they follow, `skerry edges list` shows how far they are"
        ));
        shown["missing"] = json!(edges.missing);
    }
    Some(shown)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::Edges;

    #[test]
    fn edges_count_that_follow_and_are_heard() {
        let edge = |name: &str, revision, heard| json!({ "name": name, "revision": revision, "heard_seconds_ago": heard });
        let mut revoked = edge("revoked", Some(1), Some(1));
        revoked["is_revoked"] = json!(true);
        // It follows, and has not got the worker's modules yet.
        let mut waiting = edge("waiting", Some(7), Some(0));
        waiting["is_waiting"] = json!(true);
        let all = [
            edge("ahead", Some(9), Some(0)),
            edge("there", Some(7), Some(15)),
            edge("behind", Some(6), Some(1)),
            waiting,
            edge("silent", Some(6), Some(16)),
            edge("new", None, None),
            revoked,
        ];
        let page = |up_seconds: Option<u64>| json!({ "edges": all, "up_seconds": up_seconds });
        let edges = Edges::of(&page(None), 7, Edges::is_early(&page(None)));
        assert_eq!((edges.live, edges.count(), edges.silent), (2, 4, 2));
        assert_eq!(edges.missing, ["behind", "waiting"]);
        // Right after its start the control plane has not heard those that follow all the same.
        for (up_seconds, expected) in [(15, &["behind", "waiting", "new"][..]), (16, &["behind", "waiting"])] {
            let page = page(Some(up_seconds));
            assert_eq!(Edges::of(&page, 7, Edges::is_early(&page)).missing, expected);
        }
    }
}
