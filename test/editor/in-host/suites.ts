import './problems.test';
