use proptest::prelude::*;

use super::*;

fn read(bytes: &[u8]) -> Result<Vec<Value>, Error> {
    Reader::new(bytes)?.read_all()
}

/// `levels` objects inside one another, each in the property "a".
fn nested_objects(levels: usize) -> Vec<u8> {
    [3, 0, 1, b'a'].repeat(levels).into_iter().chain([5]).collect()
}

#[test]
fn every_marker_reads() {
    for (bytes, value) in [
        (&b"\x00\x40\x08\0\0\0\0\0\0"[..], Value::Number(3.0)),
        (b"\x01\x01", Value::Boolean(true)),
        (b"\x02\0\x04live", Value::String("live".into())),
        (
            b"\x03\0\x01a\x05\0\0\x09",
            Value::Object(vec![("a".into(), Value::Null)]),
        ),
        (b"\x05", Value::Null),
        (b"\x06", Value::Undefined),
        (b"\x07\0\x01", Value::Undefined),
        (
            b"\x08\0\0\0\x63\0\x01a\x05\0\0\x09",
            Value::Object(vec![("a".into(), Value::Null)]),
        ),
        (
            b"\x0a\0\0\0\x02\x05\x06",
            Value::Array(vec![Value::Null, Value::Undefined]),
        ),
        (b"\x0b\0\0\0\0\0\0\0\0\0\0", Value::Date(0.0)),
        (b"\x0c\0\0\0\x02ab", Value::String("ab".into())),
        (b"\x0f\0\0\0\x02ab", Value::String("ab".into())),
        (
            b"\x10\0\x01C\0\x01a\x05\0\0\x09",
            Value::Object(vec![("a".into(), Value::Null)]),
        ),
    ] {
        assert_eq!(read(bytes), Ok(vec![value]), "{bytes:02x?}");
    }
}

#[test]
fn an_object_may_end_with_the_message_instead_of_a_marker() {
    assert_eq!(
        read(b"\x08\0\0\0\x01\0\x01a\x05"),
        Ok(vec![Value::Object(vec![("a".into(), Value::Null)])])
    );
}

#[test]
fn bombs_are_refused() {
    assert_eq!(read(&nested_objects(10_000)), Err(Error::TooDeep));
    assert_eq!(read(&[10, 0, 0, 0, 1].repeat(10_000)), Err(Error::TooDeep));
    assert!(read(&nested_objects(DEPTH_MAX)).is_ok());
    assert_eq!(read(&nested_objects(DEPTH_MAX + 1)), Err(Error::TooDeep));
    assert_eq!(read(&[5; NODES_MAX + 1]), Err(Error::TooManyNodes));
    assert_eq!(read(&[5; BYTES_MAX + 1]), Err(Error::TooLong(BYTES_MAX + 1)));
    // Four billion announced, none sent: no room is made for them.
    assert_eq!(read(b"\x0a\xff\xff\xff\xff"), Err(Error::Truncated { at: 5 }));
    assert_eq!(read(b"\x0c\xff\xff\xff\xffab"), Err(Error::Truncated { at: 5 }));
    assert_eq!(read(b"\x11\x04"), Err(Error::Marker { marker: 0x11, at: 0 }));
}

fn any_value() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        (-1e9..1e9).prop_map(Value::Number),
        any::<bool>().prop_map(Value::Boolean),
        "[a-zA-Z é]{0,20}".prop_map(Value::String),
        Just(Value::Null),
        Just(Value::Undefined),
        (0.0..1e13).prop_map(Value::Date),
    ];
    leaf.prop_recursive(4, 64, 6, |inner| {
        prop_oneof![
            proptest::collection::vec(inner.clone(), 0..6).prop_map(Value::Array),
            proptest::collection::vec(("[a-z]{1,8}", inner), 0..6).prop_map(Value::Object),
        ]
    })
}

proptest! {
    #[test]
    fn what_was_written_is_read_back(values in proptest::collection::vec(any_value(), 0..8)) {
        let bytes = values.iter().fold(Writer::new(), Writer::value).finish();
        prop_assert_eq!(read(&bytes), Ok(values));
    }

    #[test]
    fn no_bytes_make_it_panic(bytes in proptest::collection::vec(any::<u8>(), 0..300)) {
        let _ = read(&bytes);
    }
}
