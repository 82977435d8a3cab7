// Problems peculiar to catalog.

import { ValidationFailed } from '../kit/errors.js';

export const categoryUnknown = () => new ValidationFailed(new Map([['category', 'is not known']]));
