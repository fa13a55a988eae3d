//! Pragmas that a worker may use: those that tell of its tables, and those that change how its own statements work.

use super::is_reserved;

enum Argument {
    None,
    Boolean,
    Name,
    NameOrNone,
    NumberOrNone,
    NumberNameOrNone,
    Any,
}

pub(super) fn allows(pragma: Option<&[u8]>, argument: Option<&[u8]>) -> bool {
    let Some(kind) = pragma.and_then(kind) else { return false };
    match (kind, argument) {
        (Argument::Any, _) => true,
        (Argument::Name, None) => false,
        // Without an argument it tells the present state.
        (_, None) => true,
        (Argument::None, Some(_)) => false,
        (Argument::Boolean, Some(text)) => is_boolean(text),
        (Argument::Name | Argument::NameOrNone, Some(name)) => !is_reserved(name),
        (Argument::NumberOrNone, Some(text)) => is_number(text),
        (Argument::NumberNameOrNone, Some(text)) => is_number(text) || !is_reserved(text),
    }
}

fn kind(pragma: &[u8]) -> Option<Argument> {
    Some(match pragma {
        // R-tree asks for the page size itself.
        b"data_version" | b"page_size" => Argument::None,
        b"case_sensitive_like"
        | b"foreign_keys"
        | b"defer_foreign_keys"
        | b"ignore_check_constraints"
        | b"legacy_alter_table"
        | b"recursive_triggers"
        | b"reverse_unordered_selects" => Argument::Boolean,
        b"foreign_key_check" => Argument::NameOrNone,
        b"foreign_key_list" | b"index_info" | b"index_list" | b"index_xinfo" | b"table_info" | b"table_xinfo" => Argument::Name,
        b"quick_check" => Argument::NumberNameOrNone,
        b"optimize" => Argument::NumberOrNone,
        // It names our tables too, which is no secret.
        b"table_list" => Argument::Any,
        _ => return None,
    })
}

fn is_boolean(text: &[u8]) -> bool {
    const WORDS: [&[u8]; 8] = [b"true", b"false", b"yes", b"no", b"on", b"off", b"1", b"0"];
    let bare = match text {
        [open @ (b'\'' | b'"'), inner @ .., close] if open == close => inner,
        _ => text,
    };
    WORDS.iter().any(|word| bare.eq_ignore_ascii_case(word))
}

/// Decimal or hexadecimal, of 32 bits.
fn is_number(text: &[u8]) -> bool {
    let Ok(text) = std::str::from_utf8(text) else { return false };
    match text.strip_prefix("0x").or_else(|| text.strip_prefix("0X")) {
        Some(digits) => u32::from_str_radix(digits, 16).is_ok(),
        None => text.parse::<i32>().is_ok(),
    }
}
