//! A checker of media playlists, written from RFC 8216bis and not from the writer.

/// A parsed media playlist; durations in microseconds.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Playlist {
    pub target_duration_s: u64,
    pub part_target_us: u64,
    pub hold_back_us: u64,
    pub skip_until_us: u64,
    pub media_sequence: u64,
    pub discontinuity_sequence: u64,
    pub skipped: u64,
    pub segments: Vec<Segment>,
    /// Parts after the last segment.
    pub open: Segment,
    pub hint: Option<String>,
    pub has_end: bool,
}

/// A segment, or what is known of the next one.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Segment {
    pub duration_us: u64,
    pub uri: String,
    pub has_discontinuity: bool,
    pub map: Option<String>,
    pub date_ms: Option<i64>,
    pub parts: Vec<Part>,
}

#[derive(Debug, Clone, PartialEq)]
pub struct Part {
    pub duration_us: u64,
    pub uri: String,
    pub is_independent: bool,
}

impl Playlist {
    pub fn parse(text: &str) -> Self {
        let mut lines = text.lines();
        assert_eq!(lines.next(), Some("#EXTM3U"));
        assert!(text.ends_with('\n'));
        let mut playlist = Self::default();
        let (mut map, mut version) = (None, 0);
        for line in lines {
            assert!(!playlist.has_end, "nothing may follow the end: {line}");
            if !line.starts_with('#') {
                let mut segment = std::mem::take(&mut playlist.open);
                segment.uri = line.into();
                segment.map.clone_from(&map);
                playlist.segments.push(segment);
                continue;
            }
            let (tag, value) = line.split_once(':').unwrap_or((line, ""));
            let open = &mut playlist.open;
            match tag {
                "#EXT-X-VERSION" => version = value.parse().unwrap(),
                "#EXT-X-TARGETDURATION" => playlist.target_duration_s = value.parse().unwrap(),
                "#EXT-X-SERVER-CONTROL" => {
                    assert_eq!(attribute(value, "CAN-BLOCK-RELOAD").as_deref(), Some("YES"));
                    playlist.hold_back_us = micros(&attribute(value, "PART-HOLD-BACK").unwrap());
                    playlist.skip_until_us = micros(&attribute(value, "CAN-SKIP-UNTIL").unwrap());
                }
                "#EXT-X-PART-INF" => playlist.part_target_us = micros(&attribute(value, "PART-TARGET").unwrap()),
                "#EXT-X-MEDIA-SEQUENCE" => playlist.media_sequence = value.parse().unwrap(),
                "#EXT-X-DISCONTINUITY-SEQUENCE" => playlist.discontinuity_sequence = value.parse().unwrap(),
                "#EXT-X-SKIP" => playlist.skipped = attribute(value, "SKIPPED-SEGMENTS").unwrap().parse().unwrap(),
                "#EXT-X-DISCONTINUITY" => open.has_discontinuity = true,
                "#EXT-X-MAP" => map = attribute(value, "URI"),
                "#EXT-X-PROGRAM-DATE-TIME" => open.date_ms = Some(date_ms(value)),
                "#EXT-X-PART" => open.parts.push(Part {
                    duration_us: micros(&attribute(value, "DURATION").unwrap()),
                    uri: attribute(value, "URI").unwrap(),
                    is_independent: attribute(value, "INDEPENDENT").as_deref() == Some("YES"),
                }),
                "#EXTINF" => open.duration_us = micros(value.strip_suffix(',').unwrap()),
                "#EXT-X-PRELOAD-HINT" => {
                    assert_eq!(attribute(value, "TYPE").as_deref(), Some("PART"));
                    playlist.hint = attribute(value, "URI");
                }
                "#EXT-X-RENDITION-REPORT" => {}
                "#EXT-X-ENDLIST" => playlist.has_end = true,
                _ => panic!("unknown tag {line}"),
            }
        }
        assert!(version >= 9, "EXT-X-SKIP needs version 9");
        playlist.open.map = map;
        playlist
    }

    /// Rules that one playlist must keep by itself. Not for delta updates.
    pub fn check(&self) {
        assert!(self.target_duration_s > 0);
        assert!(self.part_target_us > 0);
        assert!(
            self.hold_back_us >= 3 * self.part_target_us,
            "§4.4.3.8: hold back at least three part targets"
        );
        assert!(
            self.skip_until_us >= 6_000_000 * self.target_duration_s,
            "§4.4.3.8: skip boundary"
        );
        for (msn, segment) in (self.media_sequence..).zip(&self.segments) {
            assert_eq!(segment.uri, format!("s/{msn}.m4s"));
            assert!(segment.map.is_some(), "§4.4.4.5: fMP4 needs a map");
            let rounded = (segment.duration_us + 500_000) / 1_000_000;
            assert!(
                rounded <= self.target_duration_s,
                "§4.4.3.1: {} µs in segment {msn}",
                segment.duration_us
            );
            if !segment.parts.is_empty() {
                let sum: u64 = segment.parts.iter().map(|part| part.duration_us).sum();
                assert_eq!(sum, segment.duration_us, "parts of segment {msn} sum to it");
            }
        }
        self.check_parts();
        self.check_dates();
        let next_msn = self.media_sequence + self.segments.len() as u64;
        let next_part = format!("s/{next_msn}.{}.m4s", self.open.parts.len());
        assert_eq!(
            self.hint,
            (!self.has_end).then_some(next_part),
            "the hint names the next part"
        );
    }

    fn check_parts(&self) {
        let all = self.segments.iter().chain([&self.open]);
        for (msn, segment) in (self.media_sequence..).zip(all) {
            for (index, part) in segment.parts.iter().enumerate() {
                assert_eq!(part.uri, format!("s/{msn}.{index}.m4s"), "part indices are contiguous");
                assert!(
                    part.duration_us <= self.part_target_us,
                    "§4.4.4.9: part {msn}.{index} {part:?}"
                );
            }
        }
        let mut newer_us: u64 = self.open.parts.iter().map(|part| part.duration_us).sum();
        for segment in self.segments.iter().rev() {
            let is_near = newer_us < 3_000_000 * self.target_duration_s;
            assert_eq!(
                is_near,
                !segment.parts.is_empty(),
                "§4.4.4.9: parts within three target durations: {}",
                segment.uri
            );
            newer_us += segment.duration_us;
        }
    }

    fn check_dates(&self) {
        for pair in self.segments.windows(2) {
            if let (Some(first), Some(second), false) = (pair[0].date_ms, pair[1].date_ms, pair[1].has_discontinuity) {
                let error_us = (second - first) * 1_000 - pair[0].duration_us as i64;
                assert!(error_us.abs() <= 2_000, "dates follow durations: {pair:?}");
            }
        }
    }

    /// No part but the last of a segment is shorter than 85 % of the target (§4.4.4.9): for constant frame rates.
    pub fn check_part_lengths(&self) {
        for segment in &self.segments {
            for part in segment.parts.iter().rev().skip(1) {
                assert!(
                    part.duration_us * 100 >= self.part_target_us * 85,
                    "{part:?} of {}",
                    self.part_target_us
                );
            }
        }
    }

    /// Rules between a playlist and a later version of it (§6.2.1, §6.2.2).
    pub fn check_update(&self, later: &Self) {
        assert!(!self.has_end, "§4.4.3.4: an ended playlist does not change");
        assert_eq!(self.target_duration_s, later.target_duration_s, "§6.2.1");
        let removed = later
            .media_sequence
            .checked_sub(self.media_sequence)
            .expect("the media sequence never goes back");
        let removed = usize::try_from(removed).unwrap();
        assert!(
            removed <= self.segments.len(),
            "no segment is removed before it was offered"
        );
        let gone = &self.segments[..removed];
        let tags = gone.iter().filter(|segment| segment.has_discontinuity).count() as u64;
        assert_eq!(
            later.discontinuity_sequence,
            self.discontinuity_sequence + tags,
            "§6.2.2"
        );
        if removed > 0 {
            let length_us: u64 = later.segments.iter().map(|segment| segment.duration_us).sum();
            assert!(
                length_us >= 3_000_000 * later.target_duration_s,
                "§6.2.2: three target durations remain"
            );
        }
        for (before, after) in self.segments[removed..].iter().zip(&later.segments) {
            let mut before = before.clone();
            if after.parts.is_empty() {
                before.parts.clear();
            }
            assert_eq!(&before, after, "a published segment does not change");
        }
        let kept = self.segments.len() - removed;
        let successor = later.segments.get(kept).unwrap_or(&later.open);
        if !successor.parts.is_empty() {
            assert!(
                successor.parts.starts_with(&self.open.parts),
                "a published part does not change"
            );
        } else {
            assert!(
                self.open.parts.is_empty() || later.segments.len() > kept,
                "parts do not vanish"
            );
        }
    }

    /// True when what the hint promised is there, or still promised.
    pub fn keeps_hint_of(&self, earlier: &Self) -> bool {
        let mut parts = self
            .segments
            .iter()
            .chain([&self.open])
            .flat_map(|segment| &segment.parts);
        self.hint == earlier.hint || parts.any(|part| Some(&part.uri) == earlier.hint.as_ref())
    }

    /// What a client makes of a delta update, given the playlist it had before (§6.3.7).
    pub fn merged_into(&self, earlier: &Self) -> Self {
        let mut merged = self.clone();
        let skipped = usize::try_from(std::mem::take(&mut merged.skipped)).unwrap();
        let from = usize::try_from(self.media_sequence - earlier.media_sequence).unwrap();
        let mut old = earlier.segments[from..from + skipped].to_vec();
        for segment in &mut old {
            segment.parts.clear();
        }
        merged.segments.splice(0..0, old);
        merged
    }
}

fn attribute(list: &str, name: &str) -> Option<String> {
    let start = list.split(',').scan(0, |at, item| {
        let start = *at;
        *at += item.len() + 1;
        Some((start, item))
    });
    let (at, _) = { start }.find(|(_, item)| item.split('=').next() == Some(name))?;
    let value = &list[at + name.len() + 1..];
    match value.strip_prefix('"') {
        Some(quoted) => quoted.split('"').next().map(Into::into),
        None => value.split(',').next().map(Into::into),
    }
}

fn micros(seconds: &str) -> u64 {
    let (whole, decimals) = seconds.split_once('.').unwrap_or((seconds, "0"));
    assert!(!decimals.is_empty() && decimals.len() <= 6, "{seconds}");
    whole.parse::<u64>().unwrap() * 1_000_000 + format!("{decimals:0<6}").parse::<u64>().unwrap()
}

/// Milliseconds since 2025-02-01 of a date in that month: all that the tests use.
fn date_ms(date: &str) -> i64 {
    let rest = date.strip_prefix("2025-02-").unwrap_or_else(|| panic!("{date}"));
    let number = |range: std::ops::Range<usize>| rest[range].parse::<i64>().unwrap();
    assert_eq!(&rest[15..], "Z", "{date}");
    ((number(0..2) * 24 + number(3..5)) * 60 + number(6..8)) * 60_000 + number(9..11) * 1_000 + number(12..15)
}
