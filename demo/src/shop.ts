/** The shop with people in it: what the task *Run the shop* runs. */
import './server';
import './visitors';
