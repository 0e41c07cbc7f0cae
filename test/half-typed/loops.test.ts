import { testHalfTyped } from './half-typed';

testHalfTyped({ aboutLoops: true });
