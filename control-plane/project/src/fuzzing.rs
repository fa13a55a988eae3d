//! Doors for `tests/fuzz` to what reads files of others. Nothing else may use them.

use std::path::Path;

use crate::config::{self, Config};

/// The worker's name and the warnings, where the text is a configuration of wrangler.
pub fn configuration(text: &str, is_toml: bool, environment: Option<&str>) -> Result<(String, Vec<String>), String> {
    let fallback = Config::unconfigured(Path::new("/"));
    config::of_text(text, is_toml, fallback, environment).map(|(config, warnings)| (config.name, warnings))
}

/// Names and values, or the number of the line that is wrong.
pub fn dev_vars(text: &str) -> Result<Vec<(String, String)>, usize> {
    crate::dev_vars::parse(text)
}
