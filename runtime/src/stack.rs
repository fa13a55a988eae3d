//! Stacks as developers want them: positions in their own sources, none of ours.

use std::cell::OnceCell;
use std::sync::Arc;

use deno_core::error::JsError;
use deno_core::v8;
use skerry_messages::{Failure, FailureKind, FromIsolate, LogLevel};
use sourcemap::SourceMap;

use crate::code::WorkerCode;

/// Maps positions in the modules that run back to the sources they were made of.
pub(crate) struct StackMapper {
    code: Arc<WorkerCode>,
    /// By module, read when first needed: most workers never fail, and a map may be larger than its code.
    maps: Box<[OnceCell<Option<SourceMap>>]>,
}

impl StackMapper {
    pub fn new(code: Arc<WorkerCode>) -> Self {
        Self { maps: code.modules.iter().map(|_| OnceCell::new()).collect(), code }
    }

    /// None where there is no map, or one that cannot be read: positions then stay those of the bundle.
    fn map_of(&self, name: &str) -> Option<&SourceMap> {
        let index = self.code.modules.iter().position(|module| module.name == name)?;
        let read = || SourceMap::from_slice(self.code.modules.get(index)?.source_map.as_deref()?).ok();
        self.maps.get(index)?.get_or_init(read).as_ref()
    }

    /// A message on its way out, with the stacks in it mapped.
    pub fn map_message(&self, mut message: FromIsolate) -> FromIsolate {
        match &mut message {
            FromIsolate::Failed { failure: Failure { stack: Some(stack), .. }, .. } => *stack = self.map(stack),
            FromIsolate::Log { line, .. } if line.level == LogLevel::Error && line.text.contains("\n    at ") => {
                line.text = self.map(&line.text);
            }
            _ => {}
        }
        message
    }

    /// Rewrites `name:line:column` in each frame; frames of the platform's own scripts go.
    pub fn map(&self, stack: &str) -> String {
        let mut lines: Vec<String> = Vec::new();
        for line in stack.lines() {
            if !line.trim_start().starts_with("at ") {
                lines.push(line.to_owned());
                continue;
            }
            // The last frame of an error that is shown with its properties.
            let (frame, opening) = line.strip_suffix(" {").map_or((line, ""), |frame| (frame, " {"));
            if !frame.contains("ext:") {
                lines.push(self.map_frame(frame) + opening);
            } else if let Some(last) = lines.last_mut() {
                last.push_str(opening);
            }
        }
        lines.join("\n")
    }

    fn map_frame(&self, line: &str) -> String {
        let (before, location, after) = match line.rfind('(') {
            Some(open) if line.ends_with(')') => (&line[..=open], &line[open + 1..line.len() - 1], ")"),
            _ => {
                let start = line.find("at ").map_or(0, |at| at + 3);
                (&line[..start], &line[start..], "")
            }
        };
        self.map_location(location).map_or_else(|| line.to_owned(), |mapped| format!("{before}{mapped}{after}"))
    }

    fn map_location(&self, location: &str) -> Option<String> {
        let (rest, column) = location.rsplit_once(':')?;
        let (name, row) = rest.rsplit_once(':')?;
        let (row, column): (u32, u32) = (row.parse().ok()?, column.parse().ok()?);
        let token = self.map_of(name)?.lookup_token(row.checked_sub(1)?, column.checked_sub(1)?)?;
        Some(format!(
            "{}:{}:{}",
            token.get_source()?,
            token.get_src_line().saturating_add(1),
            token.get_src_col().saturating_add(1)
        ))
    }
}

/// An exception of the code that is being loaded, with the place in the source where V8 names one.
pub(crate) fn failure_of<'s>(
    scope: &mut v8::PinScope<'s, '_>,
    exception: v8::Local<'s, v8::Value>,
    mapper: &StackMapper,
) -> Failure {
    let error = JsError::from_v8_exception(scope, exception);
    let message = error.exception_message.strip_prefix("Uncaught ").unwrap_or(&error.exception_message).to_owned();
    let place = error.frames.first().and_then(|frame| {
        let location = format!("{}:{}:{}", frame.file_name.as_ref()?, frame.line_number?, frame.column_number?);
        Some(mapper.map_location(&location).unwrap_or(location))
    });
    let stack = error.stack.as_deref().map(|stack| mapper.map(stack)).filter(|stack| stack.contains("\n"));
    let stack = stack.or_else(|| place.map(|place| format!("{message}\n    at {place}")));
    let stack = match (&error.source_line, stack) {
        (Some(line), Some(stack)) if error.stack.as_deref().is_none_or(|stack| !stack.contains("    at ")) => {
            Some(format!("{stack}\n\n    {}", line.trim_end()))
        }
        (_, stack) => stack,
    };
    Failure { kind: FailureKind::Load, message, stack }
}

#[cfg(test)]
mod tests {
    use bytes::Bytes;

    use super::*;
    use crate::code::{Module, ModuleKind};

    fn mapper() -> StackMapper {
        // Line 3, column 1 of main.js comes from line 10, column 5 of src/index.ts.
        let mut builder = sourcemap::SourceMapBuilder::new(Some("main.js"));
        builder.add(2, 0, 9, 4, Some("src/index.ts"), None, false);
        let mut map = Vec::new();
        builder.into_sourcemap().to_writer(&mut map).expect("a map is written to memory");
        let source_map = Some(map.into());
        let module = Module { name: "main.js".to_owned(), kind: ModuleKind::EsModule, content: Bytes::new(), source_map };
        let code = WorkerCode {
            name: String::new(),
            version: String::new(),
            main: "main.js".to_owned(),
            modules: vec![module],
            ..WorkerCode::default()
        };
        StackMapper::new(Arc::new(code))
    }

    #[test]
    fn an_error_that_is_shown_with_its_cause_stays_whole() {
        let shown = "Error: a\n    at f (main.js:3:1)\n    at g (ext:skerry/x.js:1:1) {\n  [cause]: Error: b\n      at h (main.js:3:1) {\n    x: 1\n  }\n}";
        let mapped = mapper().map(shown);
        let f = "at f (src/index.ts:10:5) {";
        assert_eq!(
            mapped,
            format!("Error: a\n    {f}\n  [cause]: Error: b\n      at h (src/index.ts:10:5) {{\n    x: 1\n  }}\n}}")
        );
    }

    #[test]
    fn a_frame_in_a_mapped_module_names_the_source() {
        let mapped = mapper().map("Error: x\n    at handle (main.js:3:7)\n    at main.js:3:1");
        assert_eq!(mapped, "Error: x\n    at handle (src/index.ts:10:5)\n    at src/index.ts:10:5");
    }

    #[test]
    fn frames_of_the_platform_are_left_out_and_unknown_ones_kept() {
        let mapped = mapper().map("Error: x\n    at onFetch (ext:skerry/dispatch.js:1:1)\n    at f (other.js:1:1)");
        assert_eq!(mapped, "Error: x\n    at f (other.js:1:1)");
    }

    #[test]
    fn a_message_that_looks_like_a_place_is_not_touched() {
        let text = "Error: main.js:3:1 (main.js:3:1)";
        assert_eq!(mapper().map(text), text);
    }
}
