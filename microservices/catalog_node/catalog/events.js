// What other services tell the catalog.

import { unitsSold } from './domain.js';
import { soldAdd } from './services.js';

export const SUBSCRIPTIONS = {
  orders: { 'order.confirmed': (sql, event) => soldAdd(sql, unitsSold(event.data.lines)) },
};
