//! From use and prices to amounts: pure, exact rules.
//!
//! **Rounding.** Use is milliseconds, prices are whole millionths of the currency's unit per hour. A line is computed
//! exactly and divided once, half a millionth up; the total is the sum of the lines, so that what is shown adds up.

use super::prices::{Origin, PriceList, Resolution};

const HOUR_MS: i128 = 3_600_000;
/// Points of the curve over time at most.
const POINTS_MAX: usize = 120;

/// What one period on air used.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Use {
    /// Time on air, milliseconds.
    pub on_air_ms: i64,
    /// Viewers times milliseconds.
    pub viewer_ms: i64,
    /// Class of its picture.
    pub resolution: Resolution,
}

/// What is paid for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Item {
    /// Time on air.
    Input,
    /// Time that viewers watched pictures of this class.
    Output(Resolution),
}

/// One line of the estimate.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Line {
    /// What is paid for.
    pub item: Item,
    /// How much of it, milliseconds.
    pub used_ms: i64,
    /// Price of an hour, millionths.
    pub micros_per_hour: i64,
    /// Amount, millionths.
    pub micros: i64,
    /// Where the price is from.
    pub origin: Origin,
}

/// What an hour of a picture costs at a moment: `at_ms`, and how many viewers there were from then on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Count {
    /// Epoch milliseconds.
    pub at_ms: i64,
    /// Viewers.
    pub viewers: i64,
}

/// What had been used up to a moment.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Point {
    /// Epoch milliseconds.
    pub at_ms: i64,
    /// Amount, millionths.
    pub micros: i64,
}

/// The price of `used_ms` at `micros_per_hour`, half a millionth up.
pub fn price(used_ms: i64, micros_per_hour: i64) -> i64 {
    let exact = i128::from(used_ms.max(0)) * i128::from(micros_per_hour);
    i64::try_from((exact + HOUR_MS / 2) / HOUR_MS).unwrap_or(i64::MAX)
}

/// The lines of an estimate: input first, then output by class. A class that nobody watched has no line, except the one
/// that would be charged next.
pub fn lines(list: &PriceList, channel_type: &str, uses: &[Use]) -> Vec<Line> {
    let mut lines = Vec::new();
    if let Some(input) = list.input(channel_type) {
        let used_ms = uses.iter().map(|one| one.on_air_ms.max(0)).fold(0, i64::saturating_add);
        lines.push(Line {
            item: Item::Input,
            used_ms,
            micros_per_hour: input.micros,
            micros: price(used_ms, input.micros),
            origin: input.origin.clone(),
        });
    }
    let newest = uses.last().map_or(Resolution::FullHd, |one| one.resolution);
    for resolution in [Resolution::Sd, Resolution::Hd, Resolution::FullHd] {
        let of_class = uses.iter().filter(|one| one.resolution == resolution);
        let used_ms = of_class.map(|one| one.viewer_ms.max(0)).fold(0, i64::saturating_add);
        let Some(output) = list.output(resolution).filter(|_| used_ms > 0 || resolution == newest) else {
            continue;
        };
        lines.push(Line {
            item: Item::Output(resolution),
            used_ms,
            micros_per_hour: output.micros,
            micros: price(used_ms, output.micros),
            origin: output.origin.clone(),
        });
    }
    lines
}

/// How the total grew while the newest period was measured: reckoned back from `total` at `now_ms`, so that the curve ends
/// there. `counts` are oldest first; at most [`POINTS_MAX`] of them become points.
pub fn curve(total: i64, now_ms: i64, counts: &[Count], input_micros: i64, output_micros: i64) -> Vec<Point> {
    let mut points = vec![Point {
        at_ms: now_ms,
        micros: total,
    }];
    let (mut later_ms, mut viewer_ms) = (now_ms, 0_i64);
    for count in counts.iter().rev().filter(|count| count.at_ms < now_ms) {
        let passed_ms = later_ms.saturating_sub(count.at_ms).max(0);
        viewer_ms = viewer_ms.saturating_add(passed_ms.saturating_mul(count.viewers.max(0)));
        later_ms = count.at_ms;
        let since = price(now_ms - count.at_ms, input_micros).saturating_add(price(viewer_ms, output_micros));
        points.push(Point {
            at_ms: count.at_ms,
            micros: total.saturating_sub(since).max(0),
        });
    }
    points.reverse();
    let step = points.len().div_ceil(POINTS_MAX).max(1);
    let last = points.len() - 1;
    let kept = points.into_iter().enumerate();
    kept.filter(|(index, _)| (last - index) % step == 0)
        .map(|(_, point)| point)
        .collect()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const HOUR: i64 = 3_600_000;

    fn aws() -> PriceList {
        PriceList::built_in("aws").unwrap()
    }

    #[test]
    fn an_amount_is_rounded_once_half_up() {
        for (used_ms, per_hour, micros) in [
            (HOUR, 2_000_000, 2_000_000),
            (HOUR / 2, 37_500, 18_750),
            (1_800_000, 1, 1), // half a millionth
            (1_799_999, 1, 0),
            (0, 2_000_000, 0),
            (-5, 2_000_000, 0),
            (i64::MAX, 1_000_000_000, i64::MAX),
        ] {
            assert_eq!(price(used_ms, per_hour), micros, "{used_ms} at {per_hour}");
        }
    }

    #[test]
    fn two_broadcasts_of_two_classes_make_three_lines() {
        let uses = [
            Use {
                on_air_ms: HOUR,
                viewer_ms: 10 * HOUR,
                resolution: Resolution::Sd,
            },
            Use {
                on_air_ms: HOUR / 2,
                viewer_ms: 4 * HOUR,
                resolution: Resolution::Hd,
            },
        ];
        let lines = lines(&aws(), "BASIC", &uses);
        let shown: Vec<_> = lines
            .iter()
            .map(|line| (line.item, line.used_ms, line.micros))
            .collect();
        assert_eq!(
            shown,
            [
                (Item::Input, HOUR * 3 / 2, 300_000),
                (Item::Output(Resolution::Sd), 10 * HOUR, 375_000),
                (Item::Output(Resolution::Hd), 4 * HOUR, 300_000),
            ]
        );
    }

    #[test]
    fn before_the_first_broadcast_the_prices_are_told_and_nothing_is_owed() {
        let lines = lines(&aws(), "STANDARD", &[]);
        let shown: Vec<_> = lines
            .iter()
            .map(|line| (line.item, line.micros_per_hour, line.micros))
            .collect();
        assert_eq!(
            shown,
            [
                (Item::Input, 2_000_000, 0),
                (Item::Output(Resolution::FullHd), 150_000, 0)
            ]
        );
    }

    #[test]
    fn the_curve_ends_at_the_total_and_follows_the_viewers() {
        let count = |at_ms, viewers| Count { at_ms, viewers };
        // Two viewers for an hour, then none for an hour, at 1 and 0.1 units an hour.
        let points = curve(2_200_000, 2 * HOUR, &[count(0, 2), count(HOUR, 0)], 1_000_000, 100_000);
        let shown: Vec<_> = points.iter().map(|point| (point.at_ms, point.micros)).collect();
        assert_eq!(shown, [(0, 0), (HOUR, 1_200_000), (2 * HOUR, 2_200_000)]);
    }

    proptest! {
        #[test]
        fn curves_never_fall_and_are_short(
            viewers in prop::collection::vec(0..10_000_i64, 0..400), total in 0..1_000_000_000_000_i64,
        ) {
            let counts: Vec<_> = (0..).zip(&viewers).map(|(n, viewers)| Count { at_ms: n * 5_000, viewers: *viewers }).collect();
            let now_ms = 400 * 5_000;
            let points = curve(total, now_ms, &counts, 2_000_000, 150_000);
            prop_assert!(points.len() <= POINTS_MAX + 1);
            prop_assert_eq!(points.last().copied(), Some(Point { at_ms: now_ms, micros: total }));
            prop_assert!(points.windows(2).all(|pair| pair[0].micros <= pair[1].micros && pair[0].at_ms < pair[1].at_ms));
        }
    }
}
