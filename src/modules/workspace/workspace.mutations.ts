import { defineMutation, written } from '../../graphql/schema/mutation.js';
import { updateWorkspaceInput } from './workspace.input.js';
import { Workspace } from './workspace.types.js';

defineMutation('updateWorkspace', {
  description:
    'Changes the given settings of the workspace. After a change of defaultCountry phone numbers without a country code are parsed again shortly afterwards. Safe to repeat. Needs workspace:write.',
  scope: 'workspace:write',
  input: updateWorkspaceInput,
  resolve: ({ services, caller }, input) => services.workspaces.update(caller, input),
  payload: {
    workspace: { type: Workspace, description: 'The workspace after the change.' },
    result: written(),
  },
});
