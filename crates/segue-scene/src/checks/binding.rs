//! Which objects a prompt's groups of things are: "a small red car and a large blue car" speaks of
//! two groups of one car each, and the small one must be the red one.

use std::collections::BTreeMap;

use crate::attribute::{Attribute, Size};
use crate::clause::{Clause, ClauseKind, Subject};
use crate::observe::Observation;
use crate::palette::ClassId;

use super::relation::holds;

/// A group of things that clauses speak of: class and number of the entity, `None` where a clause
/// does not say which.
type Key = (ClassId, Option<u32>);

/// Choices up to this number are tried one by one; above, choices are improved step by step.
const EXHAUSTIVE: usize = 20_000;

/// The most objects of a class that are considered, the largest ones: a map that shatters into
/// specks must not take forever.
const MAX_CANDIDATES: usize = 40;

/// What a clause asks of groups, with the truth of every choice of single objects.
struct Demand {
    /// Position of the clause.
    clause: usize,
    asked: u32,
    subject: usize,
    /// Groups of the objects, where the clause has any.
    objects: Vec<usize>,
    truth: Truth,
}

/// Truth by position of the objects in their groups' candidates.
enum Truth {
    Of1(Vec<bool>),
    Of2(Vec<Vec<bool>>),
    Of3(Vec<Vec<Vec<bool>>>),
}

struct Group {
    key: Key,
    size: usize,
    /// Indices of the objects of the class, at most [`MAX_CANDIDATES`].
    candidates: Vec<usize>,
    /// Positions in `candidates` that this group is, ascending.
    chosen: Vec<usize>,
}

/// The groups of a prompt, each with the objects that it is.
pub(super) struct Binding {
    groups: Vec<Group>,
    demands: Vec<Demand>,
}

impl Binding {
    /// The choice of objects that satisfies the clauses best. Groups of one class share no object.
    pub(super) fn best(clauses: &[Clause], seen: &Observation) -> Self {
        let mut groups: Vec<Group> = group_sizes(clauses)
            .into_iter()
            .map(|(key, size)| Group {
                key,
                size,
                candidates: candidates(seen, key.0),
                chosen: Vec::new(),
            })
            .collect();
        let demands = demands(clauses, seen, &groups);
        // The most wanted first: each group takes what satisfies most of its own claims.
        for index in 0..groups.len() {
            let score = |position: usize| -> usize {
                let claims = |demand: &&Demand| demand.subject == index;
                let satisfied = |demand: &&Demand| demand.truth.possible(position);
                demands.iter().filter(claims).filter(satisfied).count()
            };
            let free = free_positions(&groups, index);
            let mut ranked: Vec<usize> = free;
            ranked.sort_by_key(|&position| std::cmp::Reverse(score(position)));
            ranked.truncate(groups[index].size);
            ranked.sort_unstable();
            groups[index].chosen = ranked;
        }
        let mut binding = Self { groups, demands };
        binding.choose();
        binding
    }

    /// For a clause about groups: how many of its subject's objects satisfy it.
    pub(super) fn found(&self, clause: usize) -> Option<u32> {
        self.demands
            .iter()
            .find(|demand| demand.clause == clause)
            .map(|demand| self.satisfying(demand, &self.groups[demand.subject].chosen))
    }

    /// As [`Self::found`], the objects that no group speaks of included.
    pub(super) fn found_in_all(&self, clause: usize) -> Option<u32> {
        let demand = self.demands.iter().find(|demand| demand.clause == clause)?;
        let group = &self.groups[demand.subject];
        let mut positions = group.chosen.clone();
        positions.extend(
            free_positions(&self.groups, demand.subject)
                .into_iter()
                .filter(|position| !group.chosen.contains(position)),
        );
        Some(self.satisfying(demand, &positions))
    }

    fn satisfying(&self, demand: &Demand, positions: &[usize]) -> u32 {
        let chosen = |slot: usize| &self.groups[demand.objects[slot]].chosen;
        let holds = |&&subject: &&usize| match &demand.truth {
            Truth::Of1(truth) => truth[subject],
            Truth::Of2(truth) => chosen(0).iter().any(|&b| truth[subject][b]),
            Truth::Of3(truth) => chosen(0)
                .iter()
                .any(|&b| chosen(1).iter().any(|&c| truth[subject][b][c])),
        };
        positions.iter().filter(holds).count() as u32
    }

    /// Clauses held first, then the shares of those that are not.
    fn score(&self) -> (usize, f32) {
        let mut held = 0;
        let mut shares = 0.0;
        for demand in &self.demands {
            let found = self.satisfying(demand, &self.groups[demand.subject].chosen);
            if found >= demand.asked {
                held += 1;
            }
            shares += found.min(demand.asked) as f32 / demand.asked.max(1) as f32;
        }
        (held, shares)
    }

    fn choose(&mut self) {
        let ways: usize = (0..self.groups.len()).fold(1usize, |ways, index| {
            let taken: usize = self.groups[..index]
                .iter()
                .filter(|group| group.key.0 == self.groups[index].key.0)
                .map(|group| group.chosen.len())
                .sum();
            let n = self.groups[index].candidates.len()
                - taken.min(self.groups[index].candidates.len());
            ways.saturating_mul(combinations(n, self.groups[index].size.min(n)))
        });
        if ways <= EXHAUSTIVE / self.demands.len().max(1) {
            let mut best = (self.score(), self.choice());
            self.try_all(0, &mut best);
            self.set_choice(&best.1);
        } else {
            self.improve();
        }
    }

    fn choice(&self) -> Vec<Vec<usize>> {
        self.groups
            .iter()
            .map(|group| group.chosen.clone())
            .collect()
    }

    fn set_choice(&mut self, choice: &[Vec<usize>]) {
        for (group, chosen) in self.groups.iter_mut().zip(choice) {
            group.chosen.clone_from(chosen);
        }
    }

    /// Tries every choice of the groups from `index` on.
    fn try_all(&mut self, index: usize, best: &mut ((usize, f32), Vec<Vec<usize>>)) {
        if index == self.groups.len() {
            let score = self.score();
            if score > best.0 {
                *best = (score, self.choice());
            }
            return;
        }
        for later in &mut self.groups[index..] {
            later.chosen.clear();
        }
        let free = free_positions(&self.groups, index);
        let size = self.groups[index].size.min(free.len());
        let mut picks: Vec<usize> = (0..size).collect();
        loop {
            self.groups[index].chosen = picks.iter().map(|&pick| free[pick]).collect();
            self.try_all(index + 1, best);
            let Some(slot) = (0..size)
                .rev()
                .find(|&slot| picks[slot] < free.len() - size + slot)
            else {
                return;
            };
            picks[slot] += 1;
            for next in slot + 1..size {
                picks[next] = picks[next - 1] + 1;
            }
        }
    }

    /// Exchanges single objects as long as that helps.
    fn improve(&mut self) {
        const ROUNDS: usize = 8;
        let mut score = self.score();
        for _ in 0..ROUNDS {
            let before = score;
            for index in 0..self.groups.len() {
                for slot in 0..self.groups[index].chosen.len() {
                    for position in 0..self.groups[index].candidates.len() {
                        self.try_exchange(index, slot, position, &mut score);
                    }
                }
            }
            if score <= before {
                return;
            }
        }
    }

    fn try_exchange(
        &mut self,
        index: usize,
        slot: usize,
        position: usize,
        score: &mut (usize, f32),
    ) {
        if self.groups[index].chosen.contains(&position) {
            return;
        }
        let class = self.groups[index].key.0;
        let old = self.groups[index].chosen[slot];
        let owner = (0..self.groups.len())
            .filter(|&other| other != index && self.groups[other].key.0 == class)
            .find_map(|other| {
                let chosen = &self.groups[other].chosen;
                let at = chosen.iter().position(|&chosen| chosen == position)?;
                Some((other, at))
            });
        self.groups[index].chosen[slot] = position;
        if let Some((other, at)) = owner {
            self.groups[other].chosen[at] = old;
        }
        let changed = self.score();
        if changed > *score {
            *score = changed;
            return;
        }
        self.groups[index].chosen[slot] = old;
        if let Some((other, at)) = owner {
            self.groups[other].chosen[at] = position;
        }
    }
}

impl Truth {
    /// Whether an object in this place of its group's candidates can satisfy the claim at all.
    fn possible(&self, position: usize) -> bool {
        match self {
            Self::Of1(truth) => truth[position],
            Self::Of2(truth) => truth[position].contains(&true),
            Self::Of3(truth) => truth[position].iter().any(|row| row.contains(&true)),
        }
    }
}

/// The objects of a class, the largest [`MAX_CANDIDATES`] of them.
fn candidates(seen: &Observation, class: ClassId) -> Vec<usize> {
    let mut indices: Vec<usize> = seen.of_class(class).collect();
    if indices.len() > MAX_CANDIDATES {
        let area = |index: &usize| seen.objects[*index].area;
        indices.sort_by(|a, b| area(b).total_cmp(&area(a)));
        indices.truncate(MAX_CANDIDATES);
        indices.sort_unstable();
    }
    indices
}

/// Candidates of a group that no earlier or later group of its class has taken.
fn free_positions(groups: &[Group], index: usize) -> Vec<usize> {
    let group = &groups[index];
    (0..group.candidates.len())
        .filter(|position| {
            groups.iter().enumerate().all(|(other, rival)| {
                other == index || rival.key.0 != group.key.0 || !rival.chosen.contains(position)
            })
        })
        .collect()
}

fn combinations(n: usize, k: usize) -> usize {
    (0..k).fold(1usize, |ways, i| ways.saturating_mul(n - i) / (i + 1))
}

/// Sizes of the groups that clauses other than existence speak of: the most that any clause asks of
/// the group; a class's only group is as many as the class's existence clause asks.
fn group_sizes(clauses: &[Clause]) -> BTreeMap<Key, usize> {
    let mut sizes: BTreeMap<Key, usize> = BTreeMap::new();
    let mut mention = |class: Option<ClassId>, entity: Option<u32>, size: u32| {
        if let Some(class) = class {
            let known = sizes.entry((class, entity)).or_insert(1);
            *known = (*known).max(size as usize);
        }
    };
    for clause in clauses {
        let subject = match clause.subject {
            Subject::Class(class) => Some(class),
            Subject::Scene => None,
        };
        match clause.kind {
            ClauseKind::Presence | ClauseKind::Count => {}
            ClauseKind::Absence => mention(clause.object, clause.object_entity, 1),
            _ => {
                mention(subject, clause.entity, clause.asked);
                let pair = clause.object.is_some()
                    && (clause.object, clause.object_entity)
                        == (clause.object2, clause.object2_entity);
                // Things share no part: so many houses with roofs have so many roofs.
                let n_objects = match clause.kind {
                    ClauseKind::Part => clause.asked,
                    _ => 1 + u32::from(pair),
                };
                mention(clause.object, clause.object_entity, n_objects);
                mention(clause.object2, clause.object2_entity, 1);
            }
        }
    }
    for clause in clauses {
        if let (ClauseKind::Presence | ClauseKind::Count, Subject::Class(class)) =
            (clause.kind, clause.subject)
        {
            let mut of_class = sizes.iter_mut().filter(|((of, _), _)| *of == class);
            if let (Some((_, size)), None) = (of_class.next(), of_class.next()) {
                *size = (*size).max(clause.asked as usize);
            }
        }
    }
    sizes
}

fn demands(clauses: &[Clause], seen: &Observation, groups: &[Group]) -> Vec<Demand> {
    let group_of = |class: Option<ClassId>, entity: Option<u32>| {
        groups
            .iter()
            .position(|group| Some(group.key) == class.map(|class| (class, entity)))
    };
    let mut demands = Vec::new();
    for (place, clause) in clauses.iter().enumerate() {
        let Subject::Class(class) = clause.subject else {
            continue;
        };
        let object = group_of(clause.object, clause.object_entity);
        let object2 = group_of(clause.object2, clause.object2_entity);
        let candidates = |group: usize| &groups[group].candidates;
        let mut demand = |subject: Option<usize>, objects: Vec<usize>, truth: Truth| {
            if let Some(subject) = subject {
                demands.push(Demand {
                    clause: place,
                    asked: clause.asked.max(1),
                    subject,
                    objects,
                    truth,
                });
            }
        };
        let subject = group_of(Some(class), clause.entity);
        let has_part = |whole: usize, part: usize| seen.objects[part].part_of == Some(whole);
        match (clause.kind, subject, object, object2) {
            (ClauseKind::Attribute | ClauseKind::State, Some(group), ..) => {
                let truth = candidates(group)
                    .iter()
                    .map(|&index| has_attribute(seen, index, clause.attribute))
                    .collect();
                demand(subject, Vec::new(), Truth::Of1(truth));
            }
            (ClauseKind::Part, Some(group), Some(parts), _) => {
                let truth = table2(candidates(group), candidates(parts), has_part);
                demand(subject, vec![parts], Truth::Of2(truth));
            }
            (ClauseKind::Absence, _, Some(wholes), _) => {
                let truth = candidates(wholes)
                    .iter()
                    .map(|&whole| !seen.of_class(class).any(|part| has_part(whole, part)))
                    .collect();
                demand(object, Vec::new(), Truth::Of1(truth));
            }
            (ClauseKind::Relation, Some(group), Some(others), None) => {
                let Some(relation) = clause.relation else {
                    continue;
                };
                let truth = table2(candidates(group), candidates(others), |a, b| {
                    holds(seen, relation, a, b, None)
                });
                demand(subject, vec![others], Truth::Of2(truth));
            }
            (ClauseKind::Relation, Some(group), Some(others), Some(seconds)) => {
                let Some(relation) = clause.relation else {
                    continue;
                };
                let truth = candidates(group)
                    .iter()
                    .map(|&a| {
                        table2(candidates(others), candidates(seconds), |b, c| {
                            holds(seen, relation, a, b, Some(c))
                        })
                    })
                    .collect();
                demand(subject, vec![others, seconds], Truth::Of3(truth));
            }
            _ => {}
        }
    }
    demands
}

fn table2(
    rows: &[usize],
    columns: &[usize],
    truth: impl Fn(usize, usize) -> bool,
) -> Vec<Vec<bool>> {
    rows.iter()
        .map(|&a| columns.iter().map(|&b| truth(a, b)).collect())
        .collect()
}

fn has_attribute(seen: &Observation, index: usize, asked: Option<Attribute>) -> bool {
    let attributes = &seen.objects[index].attributes;
    match asked {
        Some(Attribute::Colour(colour)) => attributes.colour == Some(colour),
        Some(Attribute::State(state)) => attributes.state == Some(state),
        Some(Attribute::Size(size)) => attributes.size.is_some_and(|seen| is_size(seen, size)),
        Some(Attribute::Time(_)) | None => false,
    }
}

/// Tall and large are one measure.
fn is_size(seen: Size, asked: Size) -> bool {
    (seen == Size::Small) == (asked == Size::Small)
}
