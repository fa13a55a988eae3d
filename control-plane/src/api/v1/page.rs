use serde::Deserialize;
use serde_json::{Map, Value, json};

use crate::error::ControlError;

const LIMIT: usize = 20;
const LIMIT_MAX: usize = 100;

/// Which part of a list is asked for.
#[derive(Deserialize)]
pub struct Page {
    limit: Option<usize>,
    /// `next` of the page before.
    pub after: Option<String>,
}

impl Page {
    /// How many are to be read: one more than are shown, which tells whether there are others.
    pub fn read_count(&self) -> Result<usize, ControlError> {
        let limit = self.limit.unwrap_or(LIMIT);
        if (1..=LIMIT_MAX).contains(&limit) {
            return Ok(limit + 1);
        }
        Err(ControlError::invalid(format!("The limit {limit} is not within 1 and {LIMIT_MAX}")))
    }

    /// What was read as the page that is shown, and where the next begins.
    pub fn shown<T>(&self, list: &str, mut rows: Vec<T>, mark: impl Fn(&T) -> String, show: impl Fn(&T) -> Value) -> Value {
        let limit = self.limit.unwrap_or(LIMIT);
        let has_more = rows.len() > limit;
        rows.truncate(limit);
        let next = rows.last().filter(|_| has_more).map(mark);
        let mut page = Map::new();
        page.insert(list.to_owned(), rows.iter().map(show).collect());
        page.insert("next".to_owned(), json!(next));
        Value::Object(page)
    }
}
