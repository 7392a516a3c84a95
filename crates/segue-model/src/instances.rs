//! From instance maps to a judge's targets, and from its prediction back to instances: host code,
//! no tensors.
//!
//! An object is found by its centre, the mean position of its visible pixels. The heat map says
//! where centres are; at every pixel of an object the offset points from the pixel to the centre.
//! Decoding sends each pixel along its offset to the nearest centre of its class.

/// Half-size pixels in one unit of the offset: it keeps the regression's numbers near 1.
pub const OFFSET_UNIT: f32 = 8.0;

/// Radius in which only the highest peak of the heat map is a centre.
const PEAK_RADIUS: usize = 2;

/// A peak that shows another class (something covers the centre) still counts if this share of
/// all pixels of the class vote for it.
const COVERED_SHARE: f32 = 0.35;

/// Two groups of pixels are halves of one object if their votes lie hardly farther from the mean of
/// both than each half's from its own: so many pixels for each vote, times the square root of the
/// smaller half's area, since votes err the more the larger an object is. A centre is by definition the
/// mean of its object's pixels.
const HALVES: f32 = 0.1;

/// Pixels that lie farther from their mean than this, times the square root of their number (a disc's
/// lie at 0.4), are no object but the blurred edges of others, which also vote for something...
const SCATTERED: f32 = 1.0;

/// ...if they are fewer than this share of the pixels of the class's largest object.
const SLIGHT_SHARE: f32 = 0.4;

/// What a judge's centre and offset heads should say of a picture.
#[derive(Clone, Debug, PartialEq)]
pub struct CentreTargets {
    /// In [0, 1], 1 at the centre of each object, row by row.
    pub centre: Vec<f32>,
    /// Down, then right, in units of [`OFFSET_UNIT`]; 0 outside objects.
    pub offset: [Vec<f32>; 2],
    /// 1 over the square root of the object's area, 0 outside objects: how much an offset counts, since
    /// small objects are told apart by less.
    pub weight: Vec<f32>,
}

/// One object that was found.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Instance {
    /// Its class.
    pub class: u8,
    /// Its pixels.
    pub area: usize,
    /// Row and column of its centre.
    pub centre: [f32; 2],
}

/// The objects of a picture.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct InstanceMap {
    /// For each pixel, row by row: 0, or 1 + the index of its object in `instances`.
    pub ids: Vec<u16>,
    /// The objects.
    pub instances: Vec<Instance>,
}

/// One picture's prediction, row by row.
#[derive(Clone, Copy, Debug)]
pub struct CentrePrediction<'a> {
    /// Rows of the map.
    pub height: usize,
    /// Columns of the map.
    pub width: usize,
    /// The most likely class of each pixel.
    pub classes: &'a [u8],
    /// Logit of being a centre ([`Judgement::centre`](crate::judge::Judgement::centre)).
    pub centre: &'a [f32],
    /// Down and right offsets in units of [`OFFSET_UNIT`] ([`Judgement::offset`](crate::judge::Judgement::offset)).
    pub offset: [&'a [f32]; 2],
}

/// What counts as an object.
#[derive(Clone, Copy, Debug)]
pub struct InstanceRule<'a> {
    /// For each class, whether its objects are counted.
    pub countable: &'a [bool],
    /// Least probability of a centre, in [0, 1].
    pub threshold: f32,
    /// Least number of pixels of an object.
    pub min_area: usize,
}

/// The targets of a map of instances, `ids` row by row with 0 where there is no object.
///
/// The heat map is a Gaussian around each centre, wider for larger objects (standard deviation
/// 0.12 times the square root of the area, within 1 to 4 pixels), as in CenterNet (Zhou et al.
/// 2019, arXiv:1904.07850).
pub fn centre_targets(ids: &[u16], width: usize) -> CentreTargets {
    let height = ids.len() / width;
    let count = ids.iter().copied().max().unwrap_or(0) as usize;
    let mut sums = vec![[0.0f32; 3]; count + 1]; // rows, columns, pixels
    for (index, &id) in ids.iter().enumerate() {
        let sum = &mut sums[id as usize];
        sum[0] += (index / width) as f32;
        sum[1] += (index % width) as f32;
        sum[2] += 1.0;
    }
    let mut centre = vec![0.0f32; ids.len()];
    for &[rows, columns, area] in sums.iter().skip(1).filter(|sum| sum[2] > 0.0) {
        let deviation = (0.12 * area.sqrt()).clamp(1.0, 4.0);
        // The nearest pixel is exactly 1, so that every object has a peak.
        let [y, x] = [(rows / area).round(), (columns / area).round()];
        let reach = (3.0 * deviation).ceil();
        let range = |middle: f32, end: usize| {
            (middle - reach).max(0.0) as usize..((middle + reach) as usize + 1).min(end)
        };
        for row in range(y, height) {
            for column in range(x, width) {
                let square = (row as f32 - y).powi(2) + (column as f32 - x).powi(2);
                let value = (-square / (2.0 * deviation * deviation)).exp();
                let pixel = &mut centre[row * width + column];
                *pixel = pixel.max(value);
            }
        }
    }
    let mut offset = [vec![0.0; ids.len()], vec![0.0; ids.len()]];
    let mut weight = vec![0.0; ids.len()];
    for (index, &id) in ids.iter().enumerate().filter(|(_, id)| **id != 0) {
        let [rows, columns, area] = sums[id as usize];
        offset[0][index] = (rows / area - (index / width) as f32) / OFFSET_UNIT;
        offset[1][index] = (columns / area - (index % width) as f32) / OFFSET_UNIT;
        weight[index] = area.sqrt().recip();
    }
    CentreTargets {
        centre,
        offset,
        weight,
    }
}

/// The objects that a prediction shows.
///
/// Every pixel of a countable class votes for the nearest peak of the heat map to where its offset
/// points. A peak holds pixels of a class if enough of the class vote for it and it lies on that class,
/// or, since its centre may be covered, if a large share of the class votes for it; a class without any
/// such peak is one group. Groups that are halves of one object are joined (`HALVES`), and those that
/// are the edges of others (`SCATTERED`) go to them. What is large enough is an object.
pub fn find_instances(prediction: &CentrePrediction<'_>, rule: &InstanceRule<'_>) -> InstanceMap {
    let CentrePrediction {
        width,
        classes,
        offset,
        ..
    } = *prediction;
    let peaks = peaks(prediction, rule.threshold);
    let votes: Vec<[f32; 2]> = (0..classes.len())
        .map(|index| {
            [
                (index / width) as f32 + offset[0][index] * OFFSET_UNIT,
                (index % width) as f32 + offset[1][index] * OFFSET_UNIT,
            ]
        })
        .collect();

    let mut map = InstanceMap {
        ids: vec![0; classes.len()],
        instances: Vec::new(),
    };
    for class in (0..rule.countable.len()).filter(|&class| rule.countable[class]) {
        let class = class as u8;
        let pixels: Vec<usize> = (0..classes.len())
            .filter(|&index| classes[index] == class)
            .collect();
        if pixels.len() < rule.min_area {
            continue;
        }
        let of_class = ClassVotes {
            votes: &votes,
            width,
            pixels,
        };
        let least_covered = (COVERED_SHARE * of_class.pixels.len() as f32) as usize;
        let mut centres: Vec<[f32; 2]> = Vec::new();
        for Group { centre, pixels, .. } in of_class.groups(&peaks) {
            let counts = shows(prediction, centre, class) || pixels.len() >= least_covered;
            if counts && pixels.len() >= rule.min_area {
                centres.push(centre);
            }
        }
        if centres.is_empty() {
            centres.push(mean(&of_class.pixels, width));
        }
        let groups = of_class.groups(&centres);
        let groups = of_class.without_edges(of_class.join_halves(groups));
        for group in groups
            .into_iter()
            .filter(|group| group.pixels.len() >= rule.min_area)
        {
            map.instances.push(Instance {
                class,
                area: group.pixels.len(),
                centre: group.mean,
            });
            for &index in &group.pixels {
                map.ids[index] = map.instances.len() as u16;
            }
        }
    }
    map
}

/// The pixels of one class, and where those of all classes point.
struct ClassVotes<'a> {
    votes: &'a [[f32; 2]],
    width: usize,
    pixels: Vec<usize>,
}

/// Pixels that vote for one centre.
struct Group {
    /// What they vote for.
    centre: [f32; 2],
    /// At least one.
    pixels: Vec<usize>,
    /// Where they are, in the mean.
    mean: [f32; 2],
}

impl ClassVotes<'_> {
    /// Each pixel with the centre that it votes for; centres that none votes for have no group.
    fn groups(&self, centres: &[[f32; 2]]) -> Vec<Group> {
        let mut voters = vec![Vec::new(); centres.len()];
        for &index in &self.pixels {
            if let Some(centre) = nearest(self.votes[index], centres) {
                voters[centre].push(index);
            }
        }
        let groups = centres.iter().zip(voters).map(|(&centre, pixels)| Group {
            centre,
            mean: mean(&pixels, self.width),
            pixels,
        });
        groups.filter(|group| !group.pixels.is_empty()).collect()
    }

    /// Joins groups that are halves of one object, those first that are most like one.
    fn join_halves(&self, mut groups: Vec<Group>) -> Vec<Group> {
        loop {
            let pairs = (0..groups.len()).filter_map(|one| {
                let other = nearest_other(&groups, one)?;
                let whole = [&groups[one].pixels[..], &groups[other].pixels].concat();
                let whole = mean(&whole, self.width);
                let apart = self.apart(&groups[one], &groups[other], whole);
                Some((apart, one, other, whole))
            });
            let halves = pairs.min_by(|a, b| a.0.total_cmp(&b.0));
            let Some((_, one, other, whole)) = halves.filter(|pair| pair.0 < HALVES) else {
                return groups;
            };
            let rest = (0..groups.len()).filter(|&index| index != one && index != other);
            let centres: Vec<[f32; 2]> = rest
                .map(|index| groups[index].centre)
                .chain([whole])
                .collect();
            groups = self.groups(&centres);
        }
    }

    /// How much farther the votes of two groups lie from the mean of both than from their own, for each
    /// vote, over the square root of the smaller group's area.
    fn apart(&self, one: &Group, other: &Group, whole: [f32; 2]) -> f32 {
        let far = |group: &Group, centre| -> f32 {
            let pixels = group.pixels.iter();
            pixels.map(|&p| distance(self.votes[p], centre)).sum()
        };
        let both = [one, other];
        let more: f32 = both.map(|g| far(g, whole) - far(g, g.mean)).iter().sum();
        let areas = both.map(|group| group.pixels.len() as f32);
        more / (areas[0] + areas[1]) / areas[0].min(areas[1]).sqrt()
    }

    /// Gives the pixels of groups that are edges of other objects to these, the smallest first.
    fn without_edges(&self, mut groups: Vec<Group>) -> Vec<Group> {
        loop {
            let most = groups.iter().map(|group| group.pixels.len()).max();
            let slight = SLIGHT_SHARE * most.unwrap_or(0) as f32;
            let edges = groups.iter().enumerate().filter(|(_, group)| {
                let area = group.pixels.len() as f32;
                area < slight && self.spread(group) > SCATTERED * area.sqrt()
            });
            let Some((edge, _)) = edges.min_by_key(|(_, group)| group.pixels.len()) else {
                return groups;
            };
            groups.remove(edge);
            let centres: Vec<[f32; 2]> = groups.iter().map(|group| group.centre).collect();
            groups = self.groups(&centres);
        }
    }

    /// Root of the mean squared distance of a group's pixels from their mean.
    fn spread(&self, group: &Group) -> f32 {
        let squares = group.pixels.iter().map(|index| {
            let place = [(index / self.width) as f32, (index % self.width) as f32];
            distance(place, group.mean).powi(2)
        });
        (squares.sum::<f32>() / group.pixels.len() as f32).sqrt()
    }
}

/// The group whose mean is nearest to that of another.
fn nearest_other(groups: &[Group], one: usize) -> Option<usize> {
    let others = (0..groups.len()).filter(|&other| other != one);
    let far = |index: usize| distance(groups[index].mean, groups[one].mean);
    others.min_by(|&a, &b| far(a).total_cmp(&far(b)))
}

/// Rows and columns of the heat map's local maxima above the threshold.
fn peaks(prediction: &CentrePrediction<'_>, threshold: f32) -> Vec<[f32; 2]> {
    let CentrePrediction {
        height,
        width,
        centre,
        ..
    } = *prediction;
    let least = (threshold / (1.0 - threshold)).ln();
    let mut peaks = Vec::new();
    for row in 0..height {
        for column in 0..width {
            let index = row * width + column;
            if centre[index] < least {
                continue;
            }
            let rows = row.saturating_sub(PEAK_RADIUS)..(row + PEAK_RADIUS + 1).min(height);
            let higher = rows.flat_map(|y| {
                let columns =
                    column.saturating_sub(PEAK_RADIUS)..(column + PEAK_RADIUS + 1).min(width);
                columns.map(move |x| y * width + x)
            });
            // Of equal neighbours the first is the peak.
            let is_peak = higher.into_iter().all(|other| {
                centre[other] < centre[index] || (centre[other] == centre[index] && other >= index)
            });
            if is_peak {
                peaks.push([row as f32, column as f32]);
            }
        }
    }
    peaks
}

/// Whether the class appears within one pixel of the position.
fn shows(prediction: &CentrePrediction<'_>, [y, x]: [f32; 2], class: u8) -> bool {
    let CentrePrediction {
        height,
        width,
        classes,
        ..
    } = *prediction;
    let (y, x) = (y as usize, x as usize);
    (y.saturating_sub(1)..(y + 2).min(height)).any(|row| {
        (x.saturating_sub(1)..(x + 2).min(width))
            .any(|column| classes[row * width + column] == class)
    })
}

/// Index of the nearest centre.
fn nearest(vote: [f32; 2], centres: &[[f32; 2]]) -> Option<usize> {
    let far = |centre: &[f32; 2]| (centre[0] - vote[0]).powi(2) + (centre[1] - vote[1]).powi(2);
    (0..centres.len()).min_by(|&a, &b| far(&centres[a]).total_cmp(&far(&centres[b])))
}

fn distance([y, x]: [f32; 2], [row, column]: [f32; 2]) -> f32 {
    (y - row).hypot(x - column)
}

fn mean(pixels: &[usize], width: usize) -> [f32; 2] {
    let n = pixels.len() as f32;
    let rows: usize = pixels.iter().map(|index| index / width).sum();
    let columns: usize = pixels.iter().map(|index| index % width).sum();
    [rows as f32 / n, columns as f32 / n]
}

#[cfg(test)]
mod tests {
    use super::*;

    const SIZE: usize = 32;

    /// Draws boxes (row, column, height, width) of (class, id), later ones in front.
    fn scene(boxes: &[([usize; 4], u8)]) -> (Vec<u8>, Vec<u16>) {
        let mut classes = vec![0u8; SIZE * SIZE];
        let mut ids = vec![0u16; SIZE * SIZE];
        for (index, ([y, x, h, w], class)) in boxes.iter().enumerate() {
            for row in *y..y + h {
                for column in *x..x + w {
                    classes[row * SIZE + column] = *class;
                    ids[row * SIZE + column] = index as u16 + 1;
                }
            }
        }
        (classes, ids)
    }

    /// Decodes the exact targets of a scene.
    fn found(boxes: &[([usize; 4], u8)]) -> (InstanceMap, Vec<u16>) {
        let (classes, ids) = scene(boxes);
        (decoded(&classes, &centre_targets(&ids, SIZE)), ids)
    }

    /// The objects of classes and targets, these taken for a prediction.
    fn decoded(classes: &[u8], targets: &CentreTargets) -> InstanceMap {
        let logits: Vec<f32> = targets
            .centre
            .iter()
            .map(|p| {
                let p = p.clamp(1e-4, 1.0 - 1e-4);
                (p / (1.0 - p)).ln()
            })
            .collect();
        find_instances(
            &CentrePrediction {
                height: SIZE,
                width: SIZE,
                classes,
                centre: &logits,
                offset: [&targets.offset[0], &targets.offset[1]],
            },
            &InstanceRule {
                countable: &[false, true, true],
                threshold: 0.3,
                min_area: 4,
            },
        )
    }

    /// Both maps divide the pixels in the same way.
    fn assert_same_partition(found: &[u16], truth: &[u16]) {
        for (a, b) in found.iter().zip(truth) {
            let first = truth.iter().position(|id| id == b).unwrap();
            assert_eq!(
                *a, found[first],
                "truth {b} is found as {a} and {}",
                found[first]
            );
        }
    }

    #[test]
    fn touching_objects_of_one_class_are_two() {
        let (map, ids) = found(&[([8, 4, 8, 10], 1), ([8, 14, 8, 10], 1)]);
        assert_eq!(map.instances.len(), 2);
        assert_same_partition(&map.ids, &ids);
    }

    #[test]
    fn an_object_that_is_covered_in_the_middle_is_one() {
        let (map, ids) = found(&[([8, 4, 8, 20], 1), ([2, 12, 26, 4], 2)]);
        assert_eq!(
            map.instances.iter().map(|i| i.class).collect::<Vec<_>>(),
            [1, 2]
        );
        assert_same_partition(&map.ids, &ids);
    }

    #[test]
    fn a_part_near_the_centre_does_not_split_its_whole() {
        let (map, ids) = found(&[([4, 4, 20, 20], 1), ([11, 9, 5, 4], 2), ([11, 16, 5, 4], 2)]);
        assert_eq!(
            map.instances.iter().map(|i| i.class).collect::<Vec<_>>(),
            [1, 2, 2]
        );
        assert_same_partition(&map.ids, &ids);
    }

    #[test]
    fn specks_are_no_objects() {
        let (map, _) = found(&[([3, 3, 1, 3], 1)]);
        assert_eq!(map.instances, []);
        assert!(map.ids.iter().all(|id| *id == 0));
    }

    #[test]
    fn an_edge_that_votes_for_a_neighbour_is_no_object() {
        let (mut classes, ids) = scene(&[([4, 4, 14, 14], 1), ([10, 18, 6, 6], 2)]);
        let mut targets = centre_targets(&ids, SIZE);
        for row in 4..18 {
            // The last column of the large one takes the small one's centre for its own; there the
            // large one's class shows through.
            let index = row * SIZE + 17;
            targets.offset[0][index] = (12.5 - row as f32) / OFFSET_UNIT;
            targets.offset[1][index] = (20.5 - 17.0) / OFFSET_UNIT;
        }
        classes[12 * SIZE + 20] = 1;
        let map = decoded(&classes, &targets);
        let found: Vec<u8> = map.instances.iter().map(|i| i.class).collect();
        assert_eq!(found, [1, 2]);
    }

    #[test]
    fn two_peaks_within_an_object_are_one() {
        let (classes, ids) = scene(&[([8, 8, 8, 8], 1), ([20, 8, 8, 8], 1)]);
        let mut targets = centre_targets(&ids, SIZE);
        // Its left half points a pixel to the left of the centre, its right half to the right, and the heat
        // map shows two places for the one.
        for index in (0..SIZE * SIZE).filter(|&index| ids[index] == 1) {
            let beside = if index % SIZE < 12 { -1.0 } else { 1.0 };
            targets.offset[1][index] += beside / OFFSET_UNIT;
        }
        targets.centre[12 * SIZE + 12] = 0.5;
        targets.centre[12 * SIZE + 10] = 1.0;
        targets.centre[12 * SIZE + 13] = 1.0;
        assert_eq!(decoded(&classes, &targets).instances.len(), 2);
    }

    #[test]
    fn six_small_objects_are_six() {
        let boxes: Vec<_> = (0..6).map(|i| ([10, 1 + 5 * i, 5, 5], 1)).collect();
        assert_eq!(found(&boxes).0.instances.len(), 6);
    }
}
