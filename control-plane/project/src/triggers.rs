//! Where a configuration wants its worker to be served, and when it is to run.
//! <https://developers.cloudflare.com/workers/wrangler/configuration/#types-of-routes>

use serde_json::{Map, Value};

use crate::config::{boolean, string, strings, wrong};

/// What is none is not named in the configuration, and is to stay as it is.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Triggers {
    pub routes: Option<Vec<String>>,
    /// Hosts that are the worker's own.
    pub domains: Option<Vec<String>>,
    pub crons: Option<Vec<String>>,
    /// Whether it is served under its name: `workers_dev`.
    pub has_host: Option<bool>,
    pub has_previews: Option<bool>,
}

impl Triggers {
    pub(crate) fn of(keys: &Map<String, Value>) -> Result<Self, String> {
        let switch = |key| if keys.contains_key(key) { boolean(keys, key).map(Some) } else { Ok(None) };
        let crons = match keys.get("triggers") {
            Some(Value::Object(all)) if all.contains_key("crons") => {
                Some(strings(all, "crons").map_err(|_| wrong("triggers.crons", "a list of cron expressions"))?)
            }
            Some(Value::Object(_)) | None => None,
            Some(_) => return Err(wrong("triggers", "an object with \"crons\"")),
        };
        let mut triggers =
            Self { crons, has_host: switch("workers_dev")?, has_previews: switch("preview_urls")?, ..Self::default() };
        let expected = "a list of patterns such as \"example.com/*\", or of { pattern, custom_domain }";
        let listed = match keys.get("routes") {
            Some(value) => value.as_array().cloned().ok_or_else(|| wrong("routes", expected))?,
            None => Vec::new(),
        };
        for route in keys.get("route").into_iter().chain(&listed) {
            let (pattern, is_domain) = match route {
                Value::String(pattern) => (pattern.clone(), false),
                Value::Object(route) => {
                    (string(route, "pattern")?.ok_or_else(|| wrong("routes", expected))?, boolean(route, "custom_domain")?)
                }
                _ => return Err(wrong("routes", expected)),
            };
            let list = if is_domain { &mut triggers.domains } else { &mut triggers.routes };
            list.get_or_insert_default().push(pattern);
        }
        // As wrangler has it: a worker with routes is served there, and under its name only where that is asked for.
        let is_routed = triggers.routes.is_some() || triggers.domains.is_some();
        triggers.has_host.get_or_insert(!is_routed);
        // An empty list says that there are to be none.
        if keys.contains_key("routes") {
            triggers.routes.get_or_insert_default();
            triggers.domains.get_or_insert_default();
        }
        Ok(triggers)
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::Triggers;

    fn of(keys: Value) -> Result<Triggers, String> {
        Triggers::of(keys.as_object().expect("an object"))
    }

    #[test]
    fn routes_are_patterns_or_objects_and_some_are_domains() {
        let all = of(json!({
            "route": "a.test/*",
            "routes": ["b.test/*", { "pattern": "c.test/x/*", "zone_name": "c.test" }, { "pattern": "d.test", "custom_domain": true }],
            "workers_dev": false, "triggers": { "crons": ["* * * * *"] },
        }));
        let texts = |all: &[&str]| Some(all.iter().map(|text| (*text).to_owned()).collect());
        let expected = Triggers {
            routes: texts(&["a.test/*", "b.test/*", "c.test/x/*"]),
            domains: texts(&["d.test"]),
            crons: texts(&["* * * * *"]),
            has_host: Some(false),
            has_previews: None,
        };
        assert_eq!(all, Ok(expected));
        assert_eq!(of(json!({})), Ok(Triggers { has_host: Some(true), ..Triggers::default() }));
        for (keys, has_host) in [
            (json!({ "route": "a.test/*" }), false),
            (json!({ "routes": [] }), true),
            (json!({ "routes": ["a.test"], "workers_dev": true }), true),
        ] {
            assert_eq!(of(keys.clone()).map(|all| all.has_host), Ok(Some(has_host)), "{keys}");
        }
        assert_eq!(of(json!({ "routes": [] })).map(|all| all.routes), Ok(texts(&[])));
        for wrong in [
            json!({ "routes": "a.test/*" }),
            json!({ "routes": [1] }),
            json!({ "route": {} }),
            json!({ "workers_dev": 1 }),
            json!({ "triggers": ["* * * * *"] }),
            json!({ "triggers": { "crons": "* * * * *" } }),
        ] {
            assert!(of(wrong.clone()).is_err(), "{wrong}");
        }
    }
}
