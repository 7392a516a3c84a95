import en from "./en.js";
import vi from "./vi.js";

/** @typedef {typeof en} Words */

/** @type {Record<"en" | "vi", Words>} */
export const WORDS = { en, vi };

/** Prompts to begin with. */
export const EXAMPLES = {
  en: [
    "Two sheep, one eating grass with a tree in front of a mountain; the sky has a cloud",
    "A red car and a yellow bus on a road, a house with a blue roof behind them",
    "A boat on the water at sunset, three birds in the sky",
    "A cat sitting on a bench under a tall tree",
  ],
  vi: [
    "Hai con cừu, một con đang ăn cỏ, một cái cây trước ngọn núi; trên trời có mây",
    "Một chiếc ô tô đỏ và một xe buýt vàng trên đường, phía sau là ngôi nhà mái xanh",
    "Một chiếc thuyền trên mặt nước lúc hoàng hôn, ba con chim trên trời",
    "Một con mèo ngồi trên ghế dài dưới cây cao",
  ],
};
