//! AND, OR and NOT over whatever is asked, of a line or of a request.
//!
//! Trees are kept in one form, in which AND holds no AND and OR no OR and neither holds a
//! single part, so that a printed query parses to the same tree again.

use crate::query::truth::Truth;

/// A tree of conditions.
pub trait Boolean: Sized {
    /// What the tree is at its top.
    fn shape(&self) -> Shape<'_, Self>;

    /// The parts that must all hold.
    ///
    /// # Errors
    /// Gives the tree back if it is anything else.
    fn into_all(self) -> Result<Vec<Self>, Self>;

    /// The parts one of which must hold.
    ///
    /// # Errors
    /// Gives the tree back if it is anything else.
    fn into_any(self) -> Result<Vec<Self>, Self>;

    /// A tree of these parts as they are.
    fn from_all(parts: Vec<Self>) -> Self;

    /// A tree of these parts as they are.
    fn from_any(parts: Vec<Self>) -> Self;

    /// The opposite.
    #[must_use]
    fn negated(self) -> Self;
}

/// The top of a tree.
#[derive(Debug)]
pub enum Shape<'a, T> {
    /// All of these; everything, if there is none.
    All(&'a [T]),
    /// One of these at least.
    Any(&'a [T]),
    /// Not this.
    Not(&'a T),
    /// A single condition.
    Atom,
}

/// All of these at once.
pub fn all_of<T: Boolean>(parts: Vec<T>) -> T {
    let mut flat = Vec::with_capacity(parts.len());
    for part in parts {
        match part.into_all() {
            Ok(inner) => flat.extend(inner),
            Err(part) => flat.push(part),
        }
    }
    match flat.pop() {
        Some(only) if flat.is_empty() => only,
        Some(last) => {
            flat.push(last);
            T::from_all(flat)
        }
        None => T::from_all(flat),
    }
}

/// One of these at least; there must be one.
pub fn any_of<T: Boolean>(parts: Vec<T>) -> T {
    let mut flat = Vec::with_capacity(parts.len());
    for part in parts {
        match part.into_any() {
            Ok(inner) => flat.extend(inner),
            Err(part) => flat.push(part),
        }
    }
    match flat.pop() {
        Some(only) if flat.is_empty() => only,
        last => {
            flat.extend(last);
            T::from_any(flat)
        }
    }
}

/// Whether a tree holds, given whether each of its single conditions does. What cannot
/// change the answer any more is not asked.
pub fn judge<T: Boolean>(tree: &T, atom: &mut impl FnMut(&T) -> Truth) -> Truth {
    match tree.shape() {
        Shape::Atom => atom(tree),
        Shape::Not(inner) => judge(inner, atom).negated(),
        Shape::All(parts) => {
            let mut truth = Truth::Yes;
            for part in parts {
                truth = truth.and(judge(part, atom));
                if truth == Truth::No {
                    break;
                }
            }
            truth
        }
        Shape::Any(parts) => {
            let mut truth = Truth::No;
            for part in parts {
                truth = truth.or(judge(part, atom));
                if truth == Truth::Yes {
                    break;
                }
            }
            truth
        }
    }
}

/// Calls `visit` with every single condition of a tree.
pub fn each_atom<'a, T: Boolean>(tree: &'a T, visit: &mut impl FnMut(&'a T)) {
    match tree.shape() {
        Shape::Atom => visit(tree),
        Shape::Not(inner) => each_atom(inner, visit),
        Shape::All(parts) | Shape::Any(parts) => {
            for part in parts {
                each_atom(part, visit);
            }
        }
    }
}
