//! Playlist writers (RFC 8216bis §4): pure, each appends to one string of guessed capacity.

use std::fmt::{self, Write};

use super::naming::Naming;
use super::window::{Window, WindowSegment};

/// One `EXT-X-STREAM-INF` of a multivariant playlist.
#[derive(Debug, Clone, PartialEq)]
pub struct Variant<'a> {
    /// Its media playlist, relative to the multivariant one.
    pub uri: &'a str,
    /// Peak bits per second of any segment, container included. Never zero.
    pub bandwidth_bps: u64,
    /// RFC 6381 list, see [`super::Init::codecs`].
    pub codecs: &'a str,
    /// Width and height in pixels; absent without video.
    pub resolution: Option<(u16, u16)>,
    /// Frames per second times 1,000; absent when unknown.
    pub frame_rate_millihz: Option<u32>,
}

/// Renders the multivariant playlist.
///
/// `independent` adds `EXT-X-INDEPENDENT-SEGMENTS`; see [`Window::is_independent`].
pub fn multivariant(variants: &[Variant<'_>], independent: bool) -> String {
    let mut text = String::with_capacity(64 + variants.len() * 256);
    // Writing into a string cannot fail.
    let _ = write_multivariant(&mut text, variants, independent);
    text
}

/// Renders the media playlist: the whole one, or with `delta` an update without the segments that are older than the
/// skip boundary. Equal texts when there are none, see [`Window::skippable`].
///
/// Render it only when [`Window::is_ready`]; until then it offers no segment.
pub fn media(window: &Window, naming: &Naming<'_>, delta: bool) -> String {
    let name_bytes = naming.stream.len();
    let parts: usize = window
        .listed()
        .chain(&window.open)
        .map(|segment| segment.parts.len())
        .sum();
    let capacity = 512 + window.listed().len() * (160 + name_bytes) + parts * (80 + name_bytes);
    let mut text = String::with_capacity(capacity);
    // Writing into a string cannot fail.
    let _ = write_media(&mut text, window, naming, delta);
    text
}

fn write_multivariant(to: &mut String, variants: &[Variant<'_>], independent: bool) -> fmt::Result {
    to.push_str("#EXTM3U\n#EXT-X-VERSION:9\n");
    if independent {
        to.push_str("#EXT-X-INDEPENDENT-SEGMENTS\n");
    }
    for variant in variants {
        write!(
            to,
            "#EXT-X-STREAM-INF:BANDWIDTH={},CODECS=\"{}\"",
            variant.bandwidth_bps, variant.codecs
        )?;
        if let Some((width, height)) = variant.resolution {
            write!(to, ",RESOLUTION={width}x{height}")?;
        }
        if let Some(rate) = variant.frame_rate_millihz {
            write!(to, ",FRAME-RATE={}.{:03}", rate / 1_000, rate % 1_000)?;
        }
        writeln!(to, "\n{}", variant.uri)?;
    }
    Ok(())
}

fn write_media(to: &mut String, window: &Window, naming: &Naming<'_>, delta: bool) -> fmt::Result {
    write_header(to, window)?;
    let skipped = if delta { window.skippable() } else { 0 };
    if skipped > 0 {
        writeln!(to, "#EXT-X-SKIP:SKIPPED-SEGMENTS={skipped}")?;
    }
    let first_with_parts = window.first_with_parts();
    // After a skip the map is repeated, so that a client needs no memory of where the last one was.
    let mut map = None;
    for (index, segment) in window.listed().enumerate().skip(skipped) {
        write_segment_start(to, segment, naming, &mut map)?;
        if index >= first_with_parts {
            write_parts(to, segment, naming)?;
        }
        to.push_str("#EXTINF:");
        write_seconds(to, segment.duration_us)?;
        to.push_str(",\n");
        naming.segment(to, segment.head.msn)?;
        to.push('\n');
    }
    if window.ended {
        to.push_str("#EXT-X-ENDLIST\n");
        return Ok(());
    }
    let open = window.open.as_ref().filter(|open| !open.parts.is_empty());
    if let Some(open) = open {
        write_segment_start(to, open, naming, &mut map)?;
        write_parts(to, open, naming)?;
    }
    to.push_str("#EXT-X-PRELOAD-HINT:TYPE=PART,URI=\"");
    naming.part(to, window.open_msn(), open.map_or(0, |open| open.parts.len()))?;
    to.push_str("\"\n");
    Ok(())
}

fn write_header(to: &mut String, window: &Window) -> fmt::Result {
    let part_target_us = u64::try_from(window.part_target().as_micros()).unwrap_or(u64::MAX);
    writeln!(
        to,
        "#EXTM3U\n#EXT-X-VERSION:9\n#EXT-X-TARGETDURATION:{}",
        window.target_duration_s.unwrap_or(0)
    )?;
    to.push_str("#EXT-X-SERVER-CONTROL:CAN-BLOCK-RELOAD=YES,PART-HOLD-BACK=");
    write_seconds(to, 3 * part_target_us)?;
    if let Some(boundary_us) = window.skip_boundary_us() {
        to.push_str(",CAN-SKIP-UNTIL=");
        write_seconds(to, boundary_us)?;
    }
    to.push_str("\n#EXT-X-PART-INF:PART-TARGET=");
    write_seconds(to, part_target_us)?;
    writeln!(to, "\n#EXT-X-MEDIA-SEQUENCE:{}", window.first_msn())?;
    if window.discontinuity_sequence > 0 {
        writeln!(to, "#EXT-X-DISCONTINUITY-SEQUENCE:{}", window.discontinuity_sequence)?;
    }
    Ok(())
}

fn write_segment_start(
    to: &mut String,
    segment: &WindowSegment,
    naming: &Naming<'_>,
    map: &mut Option<u32>,
) -> fmt::Result {
    let head = &segment.head;
    if head.discontinuity {
        to.push_str("#EXT-X-DISCONTINUITY\n");
    }
    if map.replace(head.init_id) != Some(head.init_id) {
        to.push_str("#EXT-X-MAP:URI=\"");
        naming.init(to, head.init_id)?;
        to.push_str("\"\n");
    }
    if let Some(unix_ms) = head.program_date_time_ms {
        to.push_str("#EXT-X-PROGRAM-DATE-TIME:");
        write_date_time(to, unix_ms)?;
        to.push('\n');
    }
    Ok(())
}

fn write_parts(to: &mut String, segment: &WindowSegment, naming: &Naming<'_>) -> fmt::Result {
    for (index, part) in segment.parts.iter().enumerate() {
        to.push_str("#EXT-X-PART:DURATION=");
        write_seconds(to, part.duration_us)?;
        to.push_str(",URI=\"");
        naming.part(to, segment.head.msn, index)?;
        to.push_str(if part.is_independent {
            "\",INDEPENDENT=YES\n"
        } else {
            "\"\n"
        });
    }
    Ok(())
}

/// Whole microseconds as decimal seconds without trailing zeros, at least one decimal.
fn write_seconds(to: &mut String, micros: u64) -> fmt::Result {
    write!(to, "{}.{:06}", micros / 1_000_000, micros % 1_000_000)?;
    let zeros = to.bytes().rev().take(5).take_while(|digit| *digit == b'0').count();
    to.truncate(to.len() - zeros);
    Ok(())
}

/// Milliseconds of the Unix epoch as ISO 8601 in UTC, for instance `2025-02-14T10:00:00.250Z`.
fn write_date_time(to: &mut String, unix_ms: i64) -> fmt::Result {
    const DAY_MS: i64 = 86_400_000;
    let (days, ms) = (unix_ms.div_euclid(DAY_MS), unix_ms.rem_euclid(DAY_MS));
    let (year, month, day) = civil_date(days);
    let (hour, minute, second) = (ms / 3_600_000, ms / 60_000 % 60, ms / 1_000 % 60);
    write!(
        to,
        "{year:04}-{month:02}-{day:02}T{hour:02}:{minute:02}:{second:02}.{:03}Z",
        ms % 1_000
    )
}

/// Year, month and day of a day count since 1970-01-01, Gregorian calendar.
///
/// Counts in years that start in March, so that the leap day is the last of its year.
fn civil_date(days: i64) -> (i64, i64, i64) {
    const ERA_DAYS: i64 = 146_097; // 400 years
    let since_march_0000 = days + 719_468;
    let (era, day_of_era) = (
        since_march_0000.div_euclid(ERA_DAYS),
        since_march_0000.rem_euclid(ERA_DAYS),
    );
    let year_of_era = (day_of_era - day_of_era / 1_460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
    let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let march_month = (5 * day_of_year + 2) / 153;
    let day = day_of_year - (153 * march_month + 2) / 5 + 1;
    let month = if march_month < 10 {
        march_month + 3
    } else {
        march_month - 9
    };
    (era * 400 + year_of_era + i64::from(month <= 2), month, day)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check_date(unix_ms: i64, expected: &str) {
        let mut text = String::new();
        write_date_time(&mut text, unix_ms).unwrap();
        assert_eq!(text, expected);
    }

    #[test]
    fn dates_are_gregorian_and_utc() {
        check_date(0, "1970-01-01T00:00:00.000Z");
        check_date(-1, "1969-12-31T23:59:59.999Z");
        check_date(951_782_400_000, "2000-02-29T00:00:00.000Z");
        check_date(4_107_542_399_250, "2100-02-28T23:59:59.250Z");
        check_date(4_107_542_400_000, "2100-03-01T00:00:00.000Z");
        check_date(1_739_527_200_250, "2025-02-14T10:00:00.250Z");
    }

    #[test]
    fn seconds_keep_their_microseconds() {
        for (micros, expected) in [
            (0, "0.0"),
            (200_000, "0.2"),
            (1_999_999, "1.999999"),
            (10_000_000, "10.0"),
            (30, "0.00003"),
        ] {
            let mut text = String::from("x");
            write_seconds(&mut text, micros).unwrap();
            assert_eq!(text, format!("x{expected}"));
        }
    }

    #[test]
    fn a_multivariant_playlist_names_its_variants() {
        let video = Variant {
            uri: "a/media.m3u8",
            bandwidth_bps: 1_500_000,
            codecs: "avc1.64001f,mp4a.40.2",
            resolution: Some((1280, 720)),
            frame_rate_millihz: Some(29_970),
        };
        let audio = Variant {
            uri: "b.m3u8",
            codecs: "mp4a.40.2",
            resolution: None,
            frame_rate_millihz: None,
            ..video.clone()
        };
        assert_eq!(
            multivariant(&[video, audio], true),
            "#EXTM3U\n#EXT-X-VERSION:9\n#EXT-X-INDEPENDENT-SEGMENTS\n\
             #EXT-X-STREAM-INF:BANDWIDTH=1500000,CODECS=\"avc1.64001f,mp4a.40.2\",RESOLUTION=1280x720,FRAME-RATE=29.970\n\
             a/media.m3u8\n\
             #EXT-X-STREAM-INF:BANDWIDTH=1500000,CODECS=\"mp4a.40.2\"\nb.m3u8\n"
        );
    }
}
