//! Lists in order, by one sort for all of them.
//!
//! The standard library's sorts are compiled anew for each type that is sorted, to some eight kilobytes of code each
//! time. So numbers are sorted, together with the places that they come from, and items are moved once, to where they
//! belong.

/// What an item is sorted by, and what decides between two that are alike in it; then its place before.
pub(crate) type Rank = (u64, u64, usize);

/// Sorts by a number; items that are alike in it stay in their order.
pub(crate) fn sort_by_number<T>(items: &mut [T], number: impl Fn(&T) -> u64) {
    // Mostly they are sorted: what is recorded is written in that order.
    if items.is_sorted_by_key(&number) {
        return;
    }
    let rank = |(place, item)| (number(item), 0, place);
    let mut ranks: Vec<Rank> = items.iter().enumerate().map(rank).collect();
    sort_by_ranks(items, &mut ranks);
}

/// Sorts by ranks that were noted before, one for each item.
pub(crate) fn sort_by_ranks<T>(items: &mut [T], ranks: &mut [Rank]) {
    if ranks.is_sorted() {
        return;
    }
    ranks.sort_unstable();
    // Each turn follows a chain of items of which one stands where another belongs.
    for start in 0..ranks.len() {
        let mut at = start;
        loop {
            let from = std::mem::replace(&mut ranks[at].2, at);
            if from == start {
                break;
            }
            items.swap(at, from);
            at = from;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn items_go_where_their_numbers_belong_and_equals_stay_in_their_order() {
        let mut items: Vec<(u64, u64)> = (0..100).map(|at| (at * 7919 % 13, at)).collect();
        let mut expected = items.clone();
        expected.sort_by_key(|(number, _)| *number);
        sort_by_number(&mut items, |(number, _)| *number);
        assert_eq!(items, expected);
    }

    #[test]
    fn ranks_decide_between_equals() {
        let mut items = ["third", "first", "second"];
        sort_by_ranks(&mut items, &mut [(2, 0, 0), (1, 1, 1), (1, 2, 2)]);
        assert_eq!(items, ["first", "second", "third"]);
    }
}
