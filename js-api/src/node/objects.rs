//! What V8 knows of objects and JavaScript cannot ask.

use deno_core::v8;

use super::natives::Call;

/// Whether its bytes are outside of V8's heap.
pub(super) fn view_has_buffer(call: &mut Call) {
    let view = v8::Local::<v8::ArrayBufferView>::try_from(call.args.get(0));
    call.result.set_bool(view.is_ok_and(|view| view.has_buffer()));
}

/// `(object, filter)`, with the filter's bits as V8 numbers them.
pub(super) fn own_non_index_properties(call: &mut Call) {
    let Ok(object) = v8::Local::<v8::Object>::try_from(call.args.get(0)) else {
        return call.throw_type_error("The argument must be an object");
    };
    let bits = call.index(1);
    let filters = [
        v8::PropertyFilter::ONLY_WRITABLE,
        v8::PropertyFilter::ONLY_ENUMERABLE,
        v8::PropertyFilter::ONLY_CONFIGURABLE,
        v8::PropertyFilter::SKIP_STRINGS,
        v8::PropertyFilter::SKIP_SYMBOLS,
    ];
    let set = filters.into_iter().enumerate().filter(|(bit, _)| bits & (1 << bit) != 0);
    let arguments = v8::GetPropertyNamesArgs {
        mode: v8::KeyCollectionMode::OwnOnly,
        property_filter: set.fold(v8::PropertyFilter::ALL_PROPERTIES, |all, (_, filter)| all | filter),
        index_filter: v8::IndexFilter::SkipIndices,
        key_conversion: v8::KeyConversionMode::NoNumbers,
    };
    // A proxy may have thrown.
    if let Some(names) = object.get_property_names(call.scope, arguments) {
        call.result.set(names.into());
    }
}
