//! How often something may be tried: a token bucket per key, in a bounded table.

use std::collections::HashMap;
use std::net::IpAddr;
use std::sync::{Mutex, PoisonError};

use crate::Error;

/// Buckets of one kind. Each process counts for itself: with several replicas the limits are as many times as large.
pub(crate) struct Limiter {
    rule: Rule,
    /// Guards a few arithmetic operations.
    buckets: Mutex<HashMap<String, Bucket>>,
}

/// How many attempts at once, and how soon each comes back.
#[derive(Clone, Copy)]
pub(crate) struct Rule {
    capacity: i64,
    refill_every_ms: i64,
}

#[derive(Clone, Copy)]
struct Bucket {
    /// When the bucket is full again; an attempt moves it on by one refill.
    full_at_ms: i64,
}

impl Rule {
    /// `capacity` at once, and another each `refill_every_ms`.
    pub(crate) const fn new(capacity: i64, refill_every_ms: i64) -> Self {
        Self {
            capacity,
            refill_every_ms,
        }
    }
}

/// Sign-ins with one e-mail address: ten, then one each half minute, 2,880 guesses a day.
pub(super) const BY_EMAIL: Rule = Rule {
    capacity: 10,
    refill_every_ms: 30_000,
};
/// Sign-ins from one address: a hundred, then one each three seconds; an office may share an address.
pub(super) const BY_ADDRESS: Rule = Rule {
    capacity: 100,
    refill_every_ms: 3_000,
};
/// New accounts from one address: fifty, then one each minute.
pub(super) const REGISTRATIONS: Rule = Rule {
    capacity: 50,
    refill_every_ms: 60_000,
};
/// Mails asked for from one address: fifty, then one each minute, whoever they go to.
pub(super) const MAILINGS: Rule = REGISTRATIONS;
/// Keys at most, about 100 bytes each.
const KEYS_MAX: usize = 20_000;

impl Limiter {
    pub(crate) fn new(rule: Rule) -> Self {
        Self {
            rule,
            buckets: Mutex::default(),
        }
    }

    /// Counts an attempt by `key`.
    ///
    /// *errors*: [`crate::ErrorKind::LimitReached`]; the refused attempt is not counted.
    pub(crate) fn count(&self, key: &str, now_ms: i64) -> Result<(), Error> {
        let mut buckets = self.buckets.lock().unwrap_or_else(PoisonError::into_inner);
        if buckets.len() >= KEYS_MAX && !buckets.contains_key(key) {
            make_room(&mut buckets, now_ms);
        }
        let bucket = buckets.entry(key.to_owned()).or_insert(Bucket { full_at_ms: now_ms });
        let full_at_ms = bucket.full_at_ms.max(now_ms) + self.rule.refill_every_ms;
        let wait_ms = full_at_ms - now_ms - self.rule.capacity * self.rule.refill_every_ms;
        if wait_ms > 0 {
            let retry_after_s = u64::try_from(wait_ms).unwrap_or(0).div_ceil(1000);
            return Err(Error::limit_reached(
                "Too many attempts, try again later",
                retry_after_s,
            ));
        }
        bucket.full_at_ms = full_at_ms;
        Ok(())
    }

    /// Takes back one attempt that turned out to be good.
    pub(super) fn give_back(&self, key: &str) {
        let mut buckets = self.buckets.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(bucket) = buckets.get_mut(key) {
            bucket.full_at_ms -= self.rule.refill_every_ms;
        }
    }

    /// Forgets every attempt of `key`.
    pub(super) fn forget(&self, key: &str) {
        self.buckets.lock().unwrap_or_else(PoisonError::into_inner).remove(key);
    }
}

/// When full: keys that are at rest go first. If all are active somebody tries many keys; the least active half goes, so
/// that neither the table grows nor a newcomer is refused.
fn make_room(buckets: &mut HashMap<String, Bucket>, now_ms: i64) {
    buckets.retain(|_, bucket| bucket.full_at_ms > now_ms);
    if buckets.len() < KEYS_MAX {
        return;
    }
    let mut times: Vec<_> = buckets.values().map(|bucket| bucket.full_at_ms).collect();
    let middle = times.len() / 2;
    let (_, median, _) = times.select_nth_unstable(middle);
    let (median, mut surplus) = (*median, middle);
    buckets.retain(|_, bucket| {
        let goes = bucket.full_at_ms <= median && surplus > 0;
        surplus -= usize::from(goes);
        !goes
    });
}

/// The key of an address. A household has a whole IPv6 /64, so that counts as one.
pub(super) fn address_key(address: IpAddr) -> String {
    match address.to_canonical() {
        IpAddr::V4(v4) => v4.to_string(),
        IpAddr::V6(v6) => {
            let [a, b, c, d, ..] = v6.segments();
            format!("{a:x}:{b:x}:{c:x}:{d:x}")
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ErrorKind;

    const RULE: Rule = Rule {
        capacity: 3,
        refill_every_ms: 10_000,
    };

    #[test]
    fn a_bucket_empties_and_refills() {
        let limiter = Limiter::new(RULE);
        (0..3).for_each(|_| limiter.count("a", 0).unwrap());
        assert_eq!(
            limiter.count("a", 0).unwrap_err().kind,
            ErrorKind::LimitReached { retry_after_s: 10 }
        );
        assert_eq!(
            limiter.count("a", 9_001).unwrap_err().kind,
            ErrorKind::LimitReached { retry_after_s: 1 }
        );
        limiter.count("b", 0).unwrap();
        limiter.count("a", 10_000).unwrap();
        assert!(limiter.count("a", 10_000).is_err());
        limiter.give_back("a");
        limiter.count("a", 10_000).unwrap();
        limiter.forget("a");
        (0..3).for_each(|_| limiter.count("a", 10_000).unwrap());
    }

    #[test]
    fn the_table_is_bounded_and_keeps_the_busiest() {
        let limiter = Limiter::new(RULE);
        (0..3).for_each(|_| limiter.count("busy", 0).unwrap());
        (0..3 * KEYS_MAX).for_each(|key| limiter.count(&key.to_string(), 0).unwrap());
        assert!(limiter.buckets.lock().unwrap().len() <= KEYS_MAX);
        assert!(limiter.count("busy", 0).is_err());
    }

    #[test]
    fn an_ipv6_household_is_one_key() {
        let key = |text: &str| address_key(text.parse().unwrap());
        assert_eq!(key("2001:db8:1:2::1"), key("2001:db8:1:2:ffff::9"));
        assert_ne!(key("2001:db8:1:2::1"), key("2001:db8:1:3::1"));
        assert_eq!(key("::ffff:192.0.2.1"), "192.0.2.1");
    }
}
