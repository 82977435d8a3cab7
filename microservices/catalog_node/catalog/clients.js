// What the catalog asks of other services.

import { Problem } from '../kit/errors.js';

// A product page is worth more without its stock than late.
export const STOCK_MS = 300;

export class HttpStock {
  constructor(inventory) {
    this.inventory = inventory;
  }

  /** Units that can be sold now; null while inventory is unreachable. */
  async available(id) {
    const asked = { product_ids: [Number(id)] };
    try {
      const reply = await this.inventory.post('/internal/stock/availability', asked, {
        idempotent: true,
        milliseconds: STOCK_MS,
      });
      return reply.status === 200 ? reply.body.available[id] : null;
    } catch (error) {
      if (error instanceof Problem) return null;
      throw error;
    }
  }
}
