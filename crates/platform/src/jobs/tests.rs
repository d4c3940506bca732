use super::*;

#[test]
fn pauses_double_up_to_the_longest() {
    let pauses: Vec<_> = [1, 2, 3, 9, 10, 1000]
        .map(|attempts| Retry::FOR_EVER.pause(attempts).as_secs())
        .into();
    assert_eq!(pauses, [1, 2, 4, 256, 300, 300]);
}
