//! Answers what an object asks about its past.

use std::sync::Arc;

use skerry_objects::{Bookmark, EngineError, Recall};
use skerry_runtime::messages::{ObjectRecall, Recall as Question, ToIsolate};

use crate::exchange::Exchange;

/// `past` is that of the object that asks, and of no other. Until it is answered, nobody else opens the object.
pub(crate) fn recall(exchange: &Arc<Exchange>, asked: ObjectRecall, past: Option<Recall>) {
    let ObjectRecall { object, id, question } = asked;
    let Some(past) = past else {
        let busy = "too many questions about the object's past have no answer yet: await some of them first";
        return exchange.tell(ToIsolate::ObjectRecalled { object, id, result: Err(busy.to_owned()) });
    };
    let here = exchange.clone();
    exchange.runtime().spawn(async move {
        let result = answer(&past, question).await;
        drop(past);
        let result = result.map(|bookmark| bookmark.to_string()).map_err(|error| error.to_string());
        here.tell(ToIsolate::ObjectRecalled { object, id, result });
    });
}

async fn answer(past: &Recall, question: Question) -> Result<Bookmark, EngineError> {
    match question {
        Question::Now => Ok(past.bookmark()),
        Question::At { time_ms } => past.bookmark_for(i64::try_from(time_ms).unwrap_or(i64::MAX)).await,
        Question::RestoreNext { bookmark } => past.restore_next(&bookmark).await,
    }
}
