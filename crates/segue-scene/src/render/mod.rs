//! The renderer: a plan drawn as an illustration, with the exact maps of what it shows.
//!
//! [`render`] walks the plan back to front. Each object is a sketch of paths, drawn by the file of
//! its family, fitted to the object's box and painted into picture and maps from the same
//! coverage. No state is shared between calls: the same plan at the same size gives the same bytes.
//!
//! What counts as an object's own in the maps: its silhouette with small gaps filled (between the
//! pickets of a fence, the spokes of a wheel, the slats of a bench); the openings under a bridge
//! and under a bench are not its own. Shadows, halos, beams of lamps and lines of motion are in no
//! map. Of a house with a roof, the body reaches from the roof down; doors and windows are their
//! own instances.

mod bird;
mod boat;
mod building;
mod canvas;
mod colour;
mod cow;
mod cycle;
mod dice;
mod ground;
mod horse;
mod light;
mod livestock;
mod motor;
mod mountain;
mod outline;
mod person;
mod pet;
mod picture;
mod plant;
mod sheep;
mod sketch;
mod sky;
mod street_furniture;
mod subject;

pub use picture::{RenderError, Rendered, SIZES, render, silhouette};
