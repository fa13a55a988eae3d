use std::io::Write;
use std::process::ExitCode;

use serde_json::{Value, json};

use super::Done;

/// Standard output: what is done and found, for people, or one JSON value for programs.
#[derive(Clone)]
pub struct Out {
    json: bool,
}

impl Out {
    pub fn new(json: bool) -> Self {
        Self { json }
    }

    pub fn is_json(&self) -> bool {
        self.json
    }

    /// A line for people.
    pub fn say(&self, text: &str) {
        if !self.json {
            print(text);
        }
    }

    /// What programs get.
    pub fn result(&self, value: &Value) {
        if self.json && !value.is_null() {
            print(&value.to_string());
        }
    }

    /// The end of a command.
    pub fn end(&self, done: Done) -> ExitCode {
        match done {
            Ok(value) => {
                self.result(&value);
                ExitCode::SUCCESS
            }
            Err(failure) => {
                self.result(&json!({ "errors": [{ "code": failure.code, "message": failure.message }] }));
                eprintln!("skerry: {}", failure.message);
                ExitCode::from(failure.exit)
            }
        }
    }

    /// One JSON value of many.
    pub fn event(&self, value: &Value) {
        self.result(value);
    }

    pub fn warn(&self, text: &str) {
        eprintln!("skerry: warning: {text}");
    }
}

fn print(text: &str) {
    // A reader that has enough is no reason to fail.
    let mut out = std::io::stdout().lock();
    let _closed = writeln!(out, "{text}").and_then(|()| out.flush());
}
